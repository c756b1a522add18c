import { defined } from '../../../lib/core/defined.ts';
import * as z from 'zod';
import { integrationContract, SWITCHES } from '../../../daemons/integration/contract.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { templateConfigSchema } from '../../../lib/providers/whatsapp/template.ts';
import { bodyOf } from '../../cli/api-error.ts';
import type { State } from '../thing.ts';
import { Secret, SecretMark, secretReference, type SecretReference } from '../secret.ts';
import { ref, type Fields, type Wanted } from '../thing.ts';
import { done } from './answers.ts';
import { clientPart, type Kind, type Scope } from './kind.ts';
import { destinationRef, isOf, isSwitchOnly } from './switched.ts';

const { config, ...own } = integrationContract.routes.patchIntegrations.body.schema.shape;
const { whatsapp, google_sheets, meta } = config.unwrap().shape;
const secret = secretReference.optional();
const groups = {
  whatsapp: whatsapp.unwrap().extend({ access_token: secret }).optional(),
  google_sheets: google_sheets.unwrap().extend({ service_account: secret }).optional(),
  meta: meta.unwrap().extend({ page_access_token: secret }).optional(),
};
const item = z
  .strictObject({ ...own, ...groups })
  .describe('What is not given stays as it is; null clears');

const self = (clientId: ClientId) => ref('integrations', clientId, 'integrations');

/** Its fields are named by dotted path, e.g. `whatsapp.phone_number_id`. */
const integrations: Kind<ClientId> = {
  name: 'integrations',
  isAttribute: true,
  async read({ api, clientId }) {
    const params = { client_id: clientId };
    const body = bodyOf(await api.integrations.call('getIntegrations', { params }));
    const known = Object.entries({ ...body, ...body.config }).filter(
      ([name]) => name in item.shape,
    );
    const fields = flatten(Object.fromEntries(known), (value) =>
      isSet(value) ? new SecretMark(value.fingerprint) : value,
    );
    const given = Object.entries(fields).filter(([, value]) => value !== null);
    return [{ ...self(clientId), fields: Object.fromEntries(given) }];
  },
};

function integrationsThing(spec: z.output<typeof item>, scope: Scope<ClientId>): Wanted {
  const { clientId } = scope;
  const fields = flatten(spec, (value, path) =>
    isReference(value) ? scope.secret(value, path) : value,
  );
  return {
    ...self(clientId),
    fields,
    covers: SWITCHES.filter((name) => Object.keys(fields).some((path) => isOf(name, path))).map(
      (name) => destinationRef(clientId, name),
    ),
    change: ({ api }, changed) => {
      const body = nest(Object.entries(fields).filter(([path]) => changed.has(path)));
      // Providers are not asked for every client of a manifest: `leadctl doctor` does that when wanted.
      const query = { lint: 'false' } as const;
      const params = { client_id: clientId };
      return done(api.integrations.call('patchIntegrations', { params, query, body }));
    },
  };
}

/** `integrations` of a client: all in one step, and of it only what differs. */
export const integrationsPart = clientPart({
  field: 'integrations',
  item,
  isList: false,
  kinds: [integrations],
  things: (spec, scope) => [integrationsThing(spec, scope)],
  compose(state: State, clientId) {
    // What is more than a switch can say stands among the destinations.
    const elsewhere = SWITCHES.filter((name) => !isSwitchOnly(state, clientId, name));
    const { config: inside = {}, ...rest } = nest(
      Object.entries(state.find(self(clientId))?.fields ?? {})
        .filter(([path]) => !elsewhere.some((name) => isOf(name, path)))
        .map(([path, value]) => [
          path,
          path === 'whatsapp.template' ? shortTemplate(value) : value,
        ]),
    );
    return { ...rest, ...inside };
  },
});

/** `{a: 1, whatsapp: {b: 2}}` as `a` and `whatsapp.b`; a group that is not there has no fields. */
function flatten(
  values: Fields,
  resolve: (value: unknown, path: readonly string[]) => unknown,
): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  const add = (path: readonly string[], value: unknown): void => {
    const name = path.join('.');
    flat[name] = name === 'whatsapp.template' ? fullTemplate(value) : resolve(value, path);
  };
  for (const [field, value] of Object.entries(values)) {
    if (!(field in groups)) add([field], value);
    else for (const [inner, one] of Object.entries(Object(value))) add([field, inner], one);
  }
  return flat;
}

interface Nested {
  [field: string]: unknown;
  config?: Record<string, Record<string, unknown>>;
}

/** The reverse, as the API has it: groups stand in `config`, secrets as they are. */
function nest(fields: readonly (readonly [string, unknown])[]): Nested {
  const body: Nested = {};
  for (const [path, given] of fields) {
    const value = given instanceof Secret ? given.reveal() : given;
    const [group = '', field] = path.split('.');
    if (field === undefined) body[group] = value;
    else ((body.config ??= {})[group] ??= {})[field] = value;
  }
  return body;
}

function isReference(value: unknown): value is SecretReference {
  return secretReference.safeParse(value).success;
}

const mark = z.object({ set: z.literal(true), fingerprint: z.string().optional() });

function isSet(value: unknown): value is z.output<typeof mark> {
  return mark.safeParse(value).success;
}

/** A template parameter may be written in two ways that mean the same: here in the long one. */
function fullTemplate(value: unknown): unknown {
  const parsed = templateConfigSchema.safeParse(value);
  if (!parsed.success) return value;
  const { name, language, parameters } = parsed.data;
  const full = parameters.map((given) => {
    const parameter = { name: undefined, fallback: undefined, ...given };
    const { field, name, fallback } = parameter;
    return {
      field,
      ...defined({ name, fallback }),
    };
  });
  return { name, language, parameters: full };
}

/** A parameter that is a field and nothing else is written as the field's name. */
function shortTemplate(value: unknown): unknown {
  const parsed = templateConfigSchema.safeParse(value);
  if (!parsed.success) return value;
  const parameters = parsed.data.parameters.map((parameter) =>
    Object.keys(parameter).length === 1 && typeof parameter.field === 'string'
      ? parameter.field
      : parameter,
  );
  return { ...parsed.data, parameters };
}
