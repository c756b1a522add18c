import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { fingerprint, openFor, sealFor, type Binding } from '../../../lib/secrets/sealed.ts';
import type { SecretSpec } from '../kinds/secret-spec.ts';
import type { Destination, SealedSecret } from './model.ts';

type Place = Pick<Destination, 'id' | 'kind'> & { readonly client_id: string };

/** A secret of a destination opens in its own row and under its own name alone. */
export function bindingOf({ client_id: clientId, id }: Place, name: string): Binding {
  return { clientId, field: `destination ${id} ${name}` };
}

/** What a mark is made of: known to whoever writes a manifest, before there is a row. */
export function markOf({ client_id: clientId, kind }: Place, name: string, secret: string): string {
  return fingerprint({ clientId, field: `${kind}.${name}` }, secret);
}

export function seal(
  keyring: Keyring,
  place: Place,
  name: string,
  secret: string,
  now: Date,
): SealedSecret {
  return {
    sealed: sealFor(keyring, bindingOf(place, name), secret),
    fingerprint: markOf(place, name, secret),
    updated_at: now.toISOString(),
  };
}

/** As `seal`; the same secret as before is not sealed anew, and another one is used beside it for a while. */
export function reseal(
  keyring: Keyring,
  place: Place,
  {
    name,
    spec,
    now,
  }: {
    readonly name: string;
    readonly spec: Pick<SecretSpec, 'overlapMs'>;
    readonly now: Date;
  },
  secret: string,
  before: SealedSecret | undefined,
): SealedSecret {
  const opened = before && openFor(keyring, bindingOf(place, name), before.sealed);
  if (before && opened?.ok && opened.secret === secret) return before;
  const fresh = seal(keyring, place, name, secret, now);
  if (before === undefined || spec.overlapMs === undefined) return fresh;
  const until = new Date(now.getTime() + spec.overlapMs).toISOString();
  return { ...fresh, previous: { sealed: before.sealed, until } };
}

export type OpenedSecret =
  | { readonly ok: true; readonly secrets: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** The secret and, while it is being replaced, the one before, the newest first. */
export function open(
  keyring: Keyring,
  place: Place,
  name: string,
  stored: SealedSecret,
  now: Date,
): OpenedSecret {
  const binding = bindingOf(place, name);
  const opened = openFor(keyring, binding, stored.sealed);
  if (!opened.ok) return { ok: false, reason: opened.reason };
  const { previous } = stored;
  if (previous === undefined || new Date(previous.until) <= now) {
    return { ok: true, secrets: [opened.secret] };
  }
  const before = openFor(keyring, binding, previous.sealed);
  return { ok: true, secrets: [opened.secret, ...(before.ok ? [before.secret] : [])] };
}
