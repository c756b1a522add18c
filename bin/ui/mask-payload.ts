import { maskText } from './mask.ts';

const HIDDEN = '***';

/** The same shape with every value hidden: nobody knows which field of a form holds a name. */
export function hidePayload(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidePayload);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, hidePayload(inner)]),
    );
  }
  return value === null || typeof value === 'boolean' ? value : HIDDEN;
}

/** Hides addresses and numbers in the texts of an event's detail; ids, codes and states stay. */
export function maskDetail(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, maskValue(value)]));
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') {
    return UUID.test(value) || TIME.test(value) ? value : maskText(value);
  }
  if (Array.isArray(value)) return value.map(maskValue);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskValue(inner)]));
  }
  return value;
}
