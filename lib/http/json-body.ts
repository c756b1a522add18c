import { fail, isFailure, type Failure } from '../core/errors.ts';
import { cutDeeper, MOST_LEVELS, scanJson, type JsonShape } from '../core/json-scan.ts';
import { parseExact, parseJson as parseLossless } from '../core/lossless-json.ts';
import { decodeUtf8, type ParsedBody } from './fields.ts';

/** Of a body of many things, such as a batch. */
export const MOST_KEYS = 100_000;
/** Of what is one thing, such as a lead. */
export const MOST_KEYS_OF_ONE = 10_000;

/** A body of an operator's route: what is nested too deep is refused, for nothing is meant by it. */
export function parseJson(bytes: Buffer): ParsedBody | Failure {
  const text = decodeUtf8(bytes);
  if (isFailure(text)) return text;
  const shape = scanJson(text);
  if (shape.keys > MOST_KEYS) return tooManyKeys(shape, MOST_KEYS);
  if (shape.depth > MOST_LEVELS) {
    return fail(
      'validation_failed',
      `The JSON is nested ${shape.depth} levels deep; at most ${MOST_LEVELS} are taken.`,
      { errors: [{ path: 'body', message: `at most ${MOST_LEVELS} levels of nesting` }] },
    );
  }
  try {
    return { value: parseLossless(text), text, shape, warnings: [] };
  } catch (error) {
    return notJson(error);
  }
}

/** A body that is kept as it was sent: what is nested too deep stays text, and the rest is read. */
export function parseSentJson(bytes: Buffer): ParsedBody | Failure {
  const text = decodeUtf8(bytes);
  return isFailure(text) ? text : readSent(text);
}

export function readSent(text: string): ParsedBody | Failure {
  const shape = scanJson(text);
  const isTooDeep = shape.depth > MOST_LEVELS;
  const readable = isTooDeep ? cutDeeper(text, MOST_LEVELS) : text;
  const read = isTooDeep ? scanJson(readable) : shape;
  if (read.keys > MOST_KEYS_OF_ONE) return tooManyKeys(read, MOST_KEYS_OF_ONE);
  try {
    const value = parseExact(readable, read);
    return { value, text, shape, warnings: isTooDeep ? [TOO_DEEP] : [] };
  } catch (error) {
    return notJson(error);
  }
}

const TOO_DEEP = `nested deeper than ${MOST_LEVELS} levels; kept as text in raw_payload._unparsed`;

export function tooManyKeys({ keys }: Pick<JsonShape, 'keys'>, most: number): Failure {
  return fail('validation_failed', `The JSON has ${keys} members; at most ${most} are taken.`, {
    errors: [{ path: 'body', message: `at most ${most} members` }],
  });
}

export function notJson(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : 'it could not be parsed';
  return fail('malformed_request', `The body is not JSON: ${reason.slice(0, 200)}`);
}
