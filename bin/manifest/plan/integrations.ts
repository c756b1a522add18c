import { templateConfigSchema } from '../../../lib/providers/whatsapp/template.ts';
import type { ClientSpec } from '../schema.ts';
import { isSecretMark, Secret, type ClientState, type IntegrationValue } from '../state.ts';
import { isEqual, step, stepKey, type Change, type Step } from '../step.ts';

const GROUPS = ['whatsapp', 'google_sheets', 'meta'] as const;
export const SECRET_PATHS: ReadonlySet<string> = new Set([
  'whatsapp.access_token',
  'google_sheets.service_account',
  'meta.page_access_token',
]);

/** The one step that changes what differs of a client's integrations. */
export function planIntegrations(
  found: ClientState | undefined,
  client: ClientSpec,
  secrets: ReadonlyMap<string, Secret>,
): Step[] {
  const { client_id: clientId } = client;
  const values = new Map<string, IntegrationValue>();
  const changes: Change[] = [];
  for (const [field, to] of wantedValues(client, secrets)) {
    const from = found?.integrations.get(field);
    if (isSame(from, to)) continue;
    values.set(field, to);
    changes.push({ field, from: shown(from), to: to instanceof Secret ? '(new secret)' : to });
  }
  if (values.size === 0) return [];
  return [
    step({
      kind: 'integrations',
      clientId,
      identity: 'integrations',
      action: 'update',
      needs: [stepKey('client', clientId, clientId)],
      changes,
      operation: { op: 'integrations.update', clientId, values },
    }),
  ];
}

/** By dotted path; secrets as they were resolved. */
function wantedValues(
  { integrations = {} }: ClientSpec,
  secrets: ReadonlyMap<string, Secret>,
): Map<string, IntegrationValue> {
  const flat = flatten(integrations);
  for (const path of SECRET_PATHS) flat.delete(path);
  for (const [path, secret] of secrets) flat.set(path, secret);
  return flat;
}

/** `{a:1, whatsapp:{b:2}}` as `a` and `whatsapp.b`; what is undefined is left out. */
export function flatten(values: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [field, value] of Object.entries(values)) {
    const isGroup = GROUPS.some((group) => group === field);
    if (!isGroup || typeof value !== 'object' || value === null) flat.set(field, value);
    else for (const [inner, own] of Object.entries(value)) flat.set(`${field}.${inner}`, own);
  }
  for (const [field, value] of flat) {
    if (value === undefined) flat.delete(field);
    else if (field === 'whatsapp.template') flat.set(field, normalTemplate(value));
  }
  return flat;
}

/** A template parameter may be written in two ways that mean the same. */
function normalTemplate(value: unknown): unknown {
  const parsed = templateConfigSchema.safeParse(value);
  if (!parsed.success) return value;
  const { name, language, parameters } = parsed.data;
  return {
    name,
    language,
    parameters: parameters.map((parameter) => {
      const {
        field,
        name: given,
        fallback,
      } = { name: undefined, fallback: undefined, ...parameter };
      return {
        field,
        ...(given === undefined ? {} : { name: given }),
        ...(fallback === undefined ? {} : { fallback }),
      };
    }),
  };
}

/** A secret is the same when its fingerprint is; one that the server tells nothing of is set anew. */
function isSame(from: IntegrationValue, to: IntegrationValue): boolean {
  if (!(to instanceof Secret)) return isEqual(from, to);
  return isSecretMark(from) && from.fingerprint === to.fingerprint;
}

function shown(from: IntegrationValue): unknown {
  return isSecretMark(from) ? '(secret)' : (from ?? null);
}
