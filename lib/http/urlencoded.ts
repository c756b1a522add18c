import { isFailure, type Failure } from '../core/errors.ts';
import {
  collectFields,
  decodeFormBytes,
  decodeUtf8,
  guessWarning,
  MOST_FIELDS,
  tooManyFields,
  type ParsedBody,
} from './fields.ts';

const REPLACEMENT = '\u{FFFD}';

/** Fields of an `application/x-www-form-urlencoded` body, in the order sent. */
export function parseUrlencoded(bytes: Buffer): ParsedBody | Failure {
  if (hasTooMany(bytes)) return tooManyFields();
  const text = decodeUtf8(bytes);
  if (!isFailure(text)) {
    const fields = [...new URLSearchParams(text)];
    const isSound = fields.every((pair) => !pair.some((part) => part.includes(REPLACEMENT)));
    if (isSound) return collectFields(fields);
  }
  return decodeByHand(bytes);
}

const AMPERSAND = 38;

/** Counted before anything is made of them. */
function hasTooMany(bytes: Buffer): boolean {
  let fields = 1;
  for (let at = bytes.indexOf(AMPERSAND); at !== -1; at = bytes.indexOf(AMPERSAND, at + 1)) {
    fields += 1;
    if (fields > MOST_FIELDS) return true;
  }
  return false;
}

/** Some of it is not UTF-8, or stands for U+FFFD itself: each part is decoded by its own bytes. */
function decodeByHand(bytes: Buffer): ParsedBody {
  const warnings = new Set<string>();
  const fields = bytes
    .toString('latin1')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): readonly [string, string] => {
      const cut = pair.indexOf('=');
      const name = decodeFormBytes(bytesOf(cut === -1 ? pair : pair.slice(0, cut)));
      const value = decodeFormBytes(bytesOf(cut === -1 ? '' : pair.slice(cut + 1)));
      if (name.isGuess || value.isGuess) warnings.add(guessWarning(name.text));
      return [name.text, value.text];
    });
  return collectFields(fields, [...warnings]);
}

/** One character a byte, `+` and percent-escapes resolved; a `%` that begins no escape stands for itself. */
function bytesOf(part: string): Buffer {
  const resolved = part
    .replaceAll('+', ' ')
    .replaceAll(/%([\da-f]{2})/gi, (_escape, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(resolved, 'latin1');
}
