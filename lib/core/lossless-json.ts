import { MOST_LEVELS, scanJson, type JsonShape } from './json-scan.ts';

declare global {
  // In Node since 22, and not yet in the compiler's library.
  interface JSON {
    rawJSON(source: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/** A number as its digits were sent; `JSON.stringify` writes those. Made by `parseExact`. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** The digits of a number that no double can show; undefined for every other value. */
export function digitsOf(value: unknown): string | undefined {
  return JSON.isRawJSON(value) ? value.rawJSON : undefined;
}

/**
 * `JSON.parse`, but an integer beyond 2^53 becomes the string of its digits instead of another
 * number: Meta sends ids of that size unquoted. Throws SyntaxError as `JSON.parse` does, and for
 * what is nested deeper than `MOST_LEVELS`.
 */
export function parseJson(text: string): unknown {
  const shape = scanJson(text);
  refuseDepth(shape, MOST_LEVELS);
  const parsed: unknown = shape.roundsNumbers
    ? JSON.parse(text, keepBigIntegers)
    : JSON.parse(text);
  return parsed;
}

/**
 * `JSON.parse`, but a number that a double would show otherwise becomes a `RawNumber`: parsing and
 * `JSON.stringify` together keep every number to the letter. Throws as `parseJson` does.
 */
export function parseExact(text: string, shape: JsonShape = scanJson(text)): unknown {
  refuseDepth(shape, MOST_LEVELS);
  return exactly(text, shape);
}

/** `parseExact` for what we have written ourselves, with a payload of `MOST_LEVELS` somewhere in it. */
export function parseAnswer(text: string): unknown {
  const shape = scanJson(text);
  refuseDepth(shape, MOST_LEVELS + LEVELS_OF_ENVELOPES);
  return exactly(text, shape);
}

const LEVELS_OF_ENVELOPES = 16;

function exactly(text: string, { roundsNumbers }: JsonShape): unknown {
  const parsed: unknown = roundsNumbers ? JSON.parse(text, keepSource) : JSON.parse(text);
  return parsed;
}

function refuseDepth({ depth }: JsonShape, levels: number): void {
  if (depth > levels) {
    throw new SyntaxError(`nested ${depth} levels deep; at most ${levels} are read`);
  }
}

// The third argument, with the number's source text, is in Node since 22 and not yet in the
// compiler's library.
function keepBigIntegers(_key: string, value: unknown, ...rest: readonly unknown[]): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = sourceOf(rest[0]);
  return source !== null && /^-?\d+$/.test(source) ? source : value;
}

function keepSource(_key: string, value: unknown, ...rest: readonly unknown[]): unknown {
  if (typeof value !== 'number') return value;
  const source = sourceOf(rest[0]);
  return source === null || source === String(value) ? value : JSON.rawJSON(source);
}

function sourceOf(context: unknown): string | null {
  if (typeof context !== 'object' || context === null || !('source' in context)) return null;
  return typeof context.source === 'string' ? context.source : null;
}
