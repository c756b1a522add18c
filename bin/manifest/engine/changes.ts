import { Secret, SecretMark } from '../secret.ts';
import type { Change, Fields } from '../thing.ts';

/** The fields of `wanted` that differ; what is not wanted one way or another (undefined) is left alone. */
export function changesBetween(found: Fields = {}, wanted: Fields): Change[] {
  return Object.entries(wanted)
    .filter(([field, to]) => to !== undefined && !isSame(found[field], to))
    .map(([field, to]) => ({ field, from: shown(found[field]), to: shown(to) }));
}

/** A secret is the same when its fingerprint is; one that the server tells nothing of is set anew. */
function isSame(from: unknown, to: unknown): boolean {
  if (to instanceof Secret)
    return from instanceof SecretMark && from.fingerprint === to.fingerprint;
  return JSON.stringify(from ?? null) === JSON.stringify(to ?? null);
}

function shown(value: unknown): unknown {
  if (value instanceof Secret) return '(new secret)';
  return value instanceof SecretMark ? '(secret)' : (value ?? null);
}
