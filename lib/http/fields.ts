import { FLAT_TEXTS, type JsonShape } from '../core/json-scan.ts';
import { fail, type Failure } from '../core/errors.ts';

/** A body read and understood: its value, and the JSON text that stands for it. */
export interface ParsedBody {
  readonly value: unknown;
  readonly text: string;
  readonly shape: JsonShape;
  /** What had to be guessed to read it, for whoever looks at it later. */
  readonly warnings: readonly string[];
}

/** Of a form, however it is encoded. */
export const MOST_FIELDS = 1000;

export function tooManyFields(): Failure {
  return fail('validation_failed', `A form may have at most ${MOST_FIELDS} fields.`, {
    errors: [{ path: 'body', message: `at most ${MOST_FIELDS} fields` }],
  });
}

/** A form's fields as an object; a field sent more than once becomes the list of its values. */
export function collectFields(
  fields: readonly (readonly [string, unknown])[],
  warnings: readonly string[] = [],
): ParsedBody {
  const grouped = Map.groupBy(fields, ([name]) => name);
  const value = Object.fromEntries(
    [...grouped].map(([name, entries]) => {
      const values = entries.map(([, content]) => content);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  return { value, text: JSON.stringify(value), shape: FLAT_TEXTS, warnings };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const windows1252 = new TextDecoder('windows-1252');

export function decodeUtf8(bytes: Uint8Array): string | Failure {
  try {
    return utf8.decode(bytes);
  } catch {
    return fail('malformed_request', 'The body is not UTF-8.');
  }
}

/**
 * The text of bytes that a form sent without saying in which encoding: UTF-8, or else what pages of
 * old were written in. `isGuess` when it was the latter.
 */
export function decodeFormBytes(bytes: Uint8Array): { text: string; isGuess: boolean } {
  try {
    return { text: utf8.decode(bytes), isGuess: false };
  } catch {
    return { text: windows1252.decode(bytes), isGuess: true };
  }
}

export function guessWarning(name: string): string {
  return `${name.slice(0, 100)} was not UTF-8 and was read as windows-1252`;
}
