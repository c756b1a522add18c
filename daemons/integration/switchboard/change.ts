import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { defined } from '../../../lib/core/defined.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { fingerprint, openFor, sealFor } from '../../../lib/secrets/sealed.ts';
import type { SealedSecret } from '../destinations/model.ts';
import { reseal } from '../destinations/secrets.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { SecretSpec } from '../kinds/secret-spec.ts';
import { META_SECRET, type StoredIntegrations, type SwitchState } from './model.ts';
import { SWITCHES, type Switch } from './names.ts';
import type { IntegrationsChange } from './shapes.ts';
import { givenFor, KNOWN, pathOf } from './wire.ts';

export interface ChangeContext {
  readonly clientId: ClientId;
  readonly keyring: Keyring;
  readonly kinds: Kinds;
  readonly now: Date;
  /** Of the destinations behind the switches: their secrets are bound to them. */
  readonly ids: Readonly<Record<Switch, string>>;
  /** `replace` clears what is not named, `merge` leaves it. */
  readonly mode: 'replace' | 'merge';
}

/** The integrations as they are to be; a secret that is the same as before is not sealed anew. */
export function changedIntegrations(
  current: StoredIntegrations,
  change: IntegrationsChange,
  context: ChangeContext,
): StoredIntegrations | Failure {
  const switches = { ...current.switches };
  for (const name of SWITCHES) {
    const next = changedSwitch(name, current.switches[name], change, context);
    if (isFailure(next)) return next;
    switches[name] = next;
  }
  const pick = pickIn(context.mode);
  const token = current.page_access_token;
  const given = resealed(sealOfMeta(context), change.config?.meta?.page_access_token, token);
  return {
    ...current,
    switches,
    meta_page_id: pick(change.meta_page_id, current.meta_page_id) ?? null,
    meta_form_id: pick(change.meta_form_id, current.meta_form_id) ?? null,
    page_access_token: pick(given, token),
  };
}

function changedSwitch(
  name: Switch,
  before: SwitchState,
  change: IntegrationsChange,
  context: ChangeContext,
): SwitchState | Failure {
  const pick = pickIn(context.mode);
  const { enabled, fields } = givenFor(change, name);
  const secrets: Record<string, SealedSecret | undefined> = {};
  for (const field of KNOWN[name].secrets) {
    const kept = before.secrets[field];
    const path = `body.${pathOf(name, field)}`;
    const given = readSecret(context.kinds.get(name)?.secrets[field], fields[field], path);
    if (isFailure(given)) return given;
    secrets[field] = pick(resealed(sealOfSwitch(context, name, field), given, kept), kept);
  }
  const settings = KNOWN[name].settings.map((field) => [
    field,
    pick(fields[field], before.settings[field]),
  ]);
  return {
    enabled: pick(enabled, before.enabled) ?? false,
    settings: defined(Object.fromEntries(settings)),
    secrets: defined(secrets),
  };
}

/** What is given or, where nothing is and it is not to be cleared, what was before. */
function pickIn(mode: ChangeContext['mode']) {
  return <T>(given: T | null | undefined, before: T | null | undefined): T | undefined => {
    if (given === undefined && mode === 'merge') return before ?? undefined;
    return given ?? undefined;
  };
}

/** Seals a secret for its place; the same one as before stays as it is. */
type Seal = (secret: string, kept: SealedSecret | undefined) => SealedSecret;

/** No overlap: both providers take the new one at once. */
const SPEC: Pick<SecretSpec, 'overlapMs'> = {};

function sealOfSwitch({ clientId, keyring, now, ids }: ChangeContext, kind: Switch, name: string) {
  const place = { id: ids[kind], kind, client_id: clientId };
  return (secret: string, kept: SealedSecret | undefined) =>
    reseal(keyring, place, { name, spec: SPEC, now }, secret, kept);
}

function sealOfMeta({ clientId, keyring, now }: ChangeContext): Seal {
  const binding = { clientId, field: META_SECRET };
  return (secret, kept) => {
    const opened = kept && openFor(keyring, binding, kept.sealed);
    if (kept && opened?.ok && opened.secret === secret) return kept;
    return {
      sealed: sealFor(keyring, binding, secret),
      fingerprint: fingerprint(binding, secret),
      updated_at: now.toISOString(),
    };
  };
}

type GivenSecret = string | { readonly set: true } | null | undefined;

function resealed(
  seal: Seal,
  given: GivenSecret,
  kept: SealedSecret | undefined,
): SealedSecret | null | undefined {
  if (given === null || given === undefined) return given;
  return typeof given === 'string' ? seal(given, kept) : (kept ?? null);
}

function readSecret(
  spec: SecretSpec | undefined,
  given: unknown,
  path: string,
): GivenSecret | Failure {
  if (given === null || given === undefined) return given;
  if (typeof given === 'object' && 'set' in given) return { set: true };
  const read = spec?.given.safeParse(given);
  if (read?.success) return read.data;
  const message = read?.error.issues[0]?.message ?? 'is no secret';
  return fail('validation_failed', message, { errors: [{ path, message }] });
}

/** Dotted paths of what differs; secrets by their place, never by their content. */
export function differences(before: StoredIntegrations, after: StoredIntegrations): string[] {
  const a = flatten(before);
  const b = flatten(after);
  return [...new Set([...a.keys(), ...b.keys()])].filter(
    (path) => (a.get(path) ?? 'null') !== (b.get(path) ?? 'null'),
  );
}

function flatten(stored: StoredIntegrations): Map<string, string> {
  const ofSwitches = SWITCHES.flatMap((name): [string, unknown][] => {
    const { enabled, settings, secrets } = stored.switches[name];
    const fields = Object.entries({ ...settings, ...secrets });
    return [
      [`${name}_enabled`, enabled],
      ...fields.map(([field, value]): [string, unknown] => [pathOf(name, field), value]),
    ];
  });
  const all: [string, unknown][] = [
    ...ofSwitches,
    ['meta_page_id', stored.meta_page_id],
    ['meta_form_id', stored.meta_form_id],
    [`config.${META_SECRET}`, stored.page_access_token],
  ];
  return new Map(all.map(([path, value]) => [path, JSON.stringify(value ?? null)]));
}
