import { digitsOf } from '../../lib/core/lossless-json.ts';
import { maskText } from './mask.ts';

const HIDDEN = '***';

/** The same shape with every value hidden: nobody knows which field of a form holds a name. */
export function hidePayload(value: unknown): unknown {
  if (digitsOf(value) !== undefined) return HIDDEN;
  if (Array.isArray(value)) return value.map(hidePayload);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, hidePayload(inner)]),
    );
  }
  return value === null || typeof value === 'boolean' ? value : HIDDEN;
}

/** Hides addresses and numbers in the texts of an event's detail; ids, references and times stay. */
export function maskDetail(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(detail).map(([key, value]) => [key, IDENTIFIER.test(key) ? value : mask(value)]),
  );
}

/** What finds a thing at a provider: long numbers that are no telephone's. */
const IDENTIFIER = /(^|_)(id|reference|at)$/;

function mask(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value === 'object' && value !== null) return maskDetail({ ...value });
  return value;
}
