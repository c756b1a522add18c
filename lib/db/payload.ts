import { MOST_LEVELS, scanJson, type JsonShape } from '../core/json-scan.ts';
import { parseExact } from '../core/lossless-json.ts';
import { storableJson, wrapUnstorable } from './storable.ts';

/**
 * What a form sent, as JSON text for a jsonb column. Text that jsonb would give back otherwise, or
 * that is nested deeper than readers bear, is kept whole as `{"_unparsed": text}`.
 */
export function storePayload(text: string, shape: JsonShape = scanJson(text)): string {
  return shape.depth > MOST_LEVELS || shape.respellsNumbers
    ? wrapUnstorable(text)
    : storableJson(text);
}

/**
 * A jsonb column's text (`raw_payload::text`, `consent::text`) as a value that can be walked and
 * written out again: numbers as they were sent (see `RawNumber`), at most `MOST_LEVELS` deep, and
 * `{_unparsed: text}` for what lies deeper. Never throws, whatever an older version has stored.
 */
export function readPayload(text: string): unknown;
export function readPayload(text: string | null): unknown;
export function readPayload(text: string | null): unknown {
  if (text === null) return null;
  const value = parsed(text);
  if (value === undefined) return { _unparsed: text };
  const kept = keptText(value);
  return kept === undefined ? value : (parsed(kept) ?? value);
}

/**
 * A jsonb column's text as JSON text of what was sent, at any depth: for readers that walk over text, or
 * call no function of their own for each level. Never throws.
 */
export function sentText(text: string): string {
  if (!text.includes('_unparsed')) return text;
  const kept = keptText(parsed(text));
  return kept !== undefined && isJson(kept) ? kept : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Undefined for text that is not JSON, or too deep to be read. */
function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** What `storePayload` kept as text; a form that sends such a field beside others is not meant. */
function keptText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('_unparsed' in value)) return undefined;
  const { _unparsed: text } = value;
  return typeof text === 'string' && Object.keys(value).length === 1 ? text : undefined;
}
