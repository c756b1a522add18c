import type * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { jsonSchemaIn, partOf } from '../../client/json-schema.ts';
import type { State } from '../thing.ts';
import { Secret } from '../secret.ts';
import type { Fields, Found, RunContext } from '../thing.ts';
import { canonical } from './canonical.ts';
import { comparableFilter, filterShape, named, toWire } from './destination-filter.ts';
import { destinationKindRef } from './switched.ts';

const { createDestination, changeDestination } = integrationContract.routes;
type NewBody = z.input<typeof createDestination.body.schema>;
type ChangeBody = z.input<typeof changeDestination.body.schema>;

/** `enabled`, `on`, `filter`, `settings.…`, `secrets.…`; what is undefined is not given. */
export type DestinationFields = Fields;

const SETTINGS = 'settings.';
const SECRETS = 'secrets.';

export function fieldsOf(one: {
  readonly enabled?: boolean | undefined;
  readonly on?: readonly string[] | undefined;
  readonly filter?: unknown;
  readonly settings?: Fields | undefined;
  readonly secrets: Fields;
}): DestinationFields {
  const under = (prefix: string, group: Fields) =>
    Object.entries(group).map(([name, value]) => [prefix + name, value] as const);
  return {
    enabled: one.enabled,
    on: one.on,
    filter: one.filter,
    ...Object.fromEntries([...under(SETTINGS, one.settings ?? {}), ...under(SECRETS, one.secrets)]),
  };
}

/** Fields so written that equal ones mean the same. */
export function comparable(
  fields: Fields,
  { state, kind }: { readonly state: State; readonly kind: string },
): Fields {
  const schema = settingsSchema(state, kind);
  const one = ([field, value]: readonly [string, unknown]): unknown => {
    if (value === undefined) return undefined;
    if (field === 'on' && Array.isArray(value)) return value.map(String).toSorted();
    if (field === 'filter') return comparableFilter(named(value, state));
    if (!field.startsWith(SETTINGS)) return value;
    return canonical(value, partOf(schema, field.slice(SETTINGS.length)));
  };
  return Object.fromEntries(Object.entries(fields).map((pair) => [pair[0], one(pair)]));
}

export function settingsSchema(state: State, kind: string) {
  return jsonSchemaIn(state.find(destinationKindRef(kind))?.fields['settings_schema']);
}

export function newBody(
  { name, kind }: { readonly name: string; readonly kind: string },
  fields: DestinationFields,
  idOf: RunContext['idOf'],
): NewBody {
  const { settings = {}, ...body } = bodyIn(Object.entries(fields), idOf);
  const given = Object.entries(settings).filter(([, value]) => value !== null);
  return { ...body, name, kind, settings: Object.fromEntries(given) };
}

export function changeBody(
  fields: DestinationFields,
  changed: ReadonlySet<string>,
  idOf: RunContext['idOf'],
): ChangeBody {
  return bodyIn(
    Object.entries(fields).filter(([field]) => changed.has(field)),
    idOf,
  );
}

function bodyIn(
  fields: readonly (readonly [string, unknown])[],
  idOf: RunContext['idOf'],
): Omit<ChangeBody, 'name' | 'kind'> {
  const given = new Map(fields.filter(([, value]) => value !== undefined));
  const under = (prefix: string): [string, unknown][] =>
    [...given].flatMap(([field, value]) =>
      field.startsWith(prefix)
        ? [[field.slice(prefix.length), value instanceof Secret ? value.reveal() : value]]
        : [],
    );
  const settings = under(SETTINGS);
  const secrets = under(SECRETS);
  const { enabled, on } = changeDestination.body.schema.shape;
  return {
    ...(given.has('enabled') ? { enabled: enabled.parse(given.get('enabled')) } : {}),
    ...(given.has('on') ? { on: on.parse(given.get('on')) } : {}),
    ...(given.has('filter')
      ? { filter: toWire(filterShape.nullable().parse(given.get('filter')), idOf) }
      : {}),
    ...(settings.length === 0 ? {} : { settings: Object.fromEntries(settings) }),
    ...(secrets.length === 0 ? {} : { secrets: Object.fromEntries(secrets) }),
  };
}

/** As a manifest would have it; its secrets as marks. */
export function entryOf({ identity, fields: found }: Found, state: State): unknown {
  const { kind } = found;
  const fields = comparable(found, { state, kind: String(kind) });
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([field, value]) =>
        field.startsWith(prefix) ? [[field.slice(prefix.length), value]] : [],
      ),
    );
  const settings = under(SETTINGS);
  const secrets = under(SECRETS);
  return {
    name: identity,
    kind,
    ...(fields['enabled'] === true ? {} : { enabled: fields['enabled'] }),
    on: fields['on'],
    ...(fields['filter'] === null ? {} : { filter: fields['filter'] }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  };
}
