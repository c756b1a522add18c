import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { parseServiceAccount } from '../../../lib/providers/google-sheets/account.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { fingerprint, openFor, sealFor } from '../../../lib/secrets/sealed.ts';
import type { SealedSecret } from '../destinations/model.ts';
import { reseal } from '../destinations/secrets.ts';
import type { SecretSpec } from '../kinds/secret-spec.ts';
import type { IntegrationsChange } from './shapes.ts';
import { META_SECRET, type StoredIntegrations } from './model.ts';
import type { Switch } from './names.ts';
import { defined } from '../../../lib/core/defined.ts';

export interface ChangeContext {
  readonly clientId: ClientId;
  readonly keyring: Keyring;
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
  const pick = <T>(given: T | null | undefined, before: T | null | undefined): T | undefined => {
    if (given === undefined && context.mode === 'merge') return before ?? undefined;
    return given ?? undefined;
  };
  const { whatsapp, google_sheets: sheets, meta } = change.config ?? {};
  const before = current.config;
  const account = serviceAccountText(sheets?.service_account);
  if (isFailure(account)) return account;
  const secret = (seal: Seal, given: GivenSecret, kept: SealedSecret | undefined) =>
    pick(resealed(seal, given, kept), kept);
  const ofSwitch = (name: Switch, field: string): Seal => sealOfSwitch(context, name, field);
  return {
    ...current,
    whatsapp_enabled: pick(change.whatsapp_enabled, current.whatsapp_enabled) ?? false,
    google_sheets_enabled:
      pick(change.google_sheets_enabled, current.google_sheets_enabled) ?? false,
    google_sheet_id: pick(change.google_sheet_id, current.google_sheet_id) ?? null,
    meta_page_id: pick(change.meta_page_id, current.meta_page_id) ?? null,
    meta_form_id: pick(change.meta_form_id, current.meta_form_id) ?? null,
    config: {
      whatsapp: defined({
        phone_number_id: pick(whatsapp?.phone_number_id, before.whatsapp.phone_number_id),
        waba_id: pick(whatsapp?.waba_id, before.whatsapp.waba_id),
        access_token: secret(
          ofSwitch('whatsapp', 'access_token'),
          whatsapp?.access_token,
          before.whatsapp.access_token,
        ),
        template: pick(whatsapp?.template, before.whatsapp.template),
      }),
      google_sheets: defined({
        sheet_name: pick(sheets?.sheet_name, before.google_sheets.sheet_name),
        columns: pick<readonly string[]>(sheets?.columns, before.google_sheets.columns),
        service_account: secret(
          ofSwitch('google_sheets', 'service_account'),
          account,
          before.google_sheets.service_account,
        ),
      }),
      meta: defined({
        page_access_token: secret(
          sealOfMeta(context),
          meta?.page_access_token,
          before.meta.page_access_token,
        ),
      }),
    },
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

type GivenAccount = NonNullable<
  NonNullable<IntegrationsChange['config']>['google_sheets']
>['service_account'];

function serviceAccountText(given: GivenAccount): GivenSecret | Failure {
  if (given === null || given === undefined) return given;
  if (typeof given === 'object' && given['set'] === true) return { set: true };
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const parsed = parseServiceAccount(text);
  if (parsed.ok) return text;
  return fail('validation_failed', parsed.message, {
    errors: [{ path: 'body.config.google_sheets.service_account', message: parsed.message }],
  });
}

/** Dotted paths of what differs; secrets by their place, never by their content. */
export function differences(before: StoredIntegrations, after: StoredIntegrations): string[] {
  const a = flatten(before);
  const b = flatten(after);
  return [...new Set([...a.keys(), ...b.keys()])].filter(
    (path) => (a.get(path) ?? 'null') !== (b.get(path) ?? 'null'),
  );
}

function flatten({ config, ...rest }: StoredIntegrations): Map<string, string> {
  const { version: _version, updated_at: _at, ...fields } = rest;
  const nested = Object.entries(config).flatMap(([part, values]) =>
    Object.entries(values).map(([key, value]): [string, unknown] => [
      `config.${part}.${key}`,
      value,
    ]),
  );
  return new Map(
    [...Object.entries(fields), ...nested].map(([path, value]) => [
      path,
      JSON.stringify(value ?? null),
    ]),
  );
}
