import type * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { type JsonSchema, partOf, propertiesOf, typesOf } from '../../client/json-schema.ts';
import type { State } from '../thing.ts';
import { didYouMean } from '../file/suggest.ts';
import type { Flaw, Found } from '../thing.ts';
import { settingsSchema } from './destination-fields.ts';
import { destinationKindRef } from './switched.ts';

interface Spec {
  readonly kind: string;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly secrets?: Readonly<Record<string, unknown>> | undefined;
}

const secretsIn =
  integrationContract.routes.listDestinationKinds.responses[200].schema.element.pick({
    secrets: true,
  });
type KindSecrets = z.output<typeof secretsIn>['secrets'];

/** What the kind would refuse, as far as what the platform publishes of it tells. */
export function flawsOf(spec: Spec, found: Found | undefined, state: State): Flaw[] {
  const known = state.find(destinationKindRef(spec.kind));
  // That there is no such kind is told already.
  if (known === undefined) return [];
  if (found !== undefined && found.fields['kind'] !== spec.kind) {
    const message = `is a ${String(found.fields['kind'])} and stays so; give this one another name`;
    return [{ path: ['kind'], message }];
  }
  const isNew = found === undefined;
  const secrets = secretsIn.safeParse(known.fields).data?.secrets ?? [];
  return [
    ...settingFlaws(spec, settingsSchema(state, spec.kind), isNew),
    ...secretFlaws(spec, secrets, isNew),
  ];
}

function settingFlaws(
  { kind, settings = {} }: Spec,
  schema: JsonSchema | undefined,
  isNew: boolean,
): Flaw[] {
  const names = Object.keys(propertiesOf(schema));
  const isClosed = schema?.additionalProperties === false;
  const wrong = Object.entries(settings).flatMap(([name, value]): Flaw[] => {
    if (isClosed && !names.includes(name)) {
      const meant = didYouMean(name, names);
      return [{ path: ['settings', name], message: `a ${kind} has no setting "${name}"${meant}` }];
    }
    const types = typesOf(partOf(schema, name));
    if (value === null || types.size === 0 || fits(value, types)) return [];
    const message = `must be ${[...types].map((type) => WORDS[type] ?? type).join(' or ')}`;
    return [{ path: ['settings', name], message }];
  });
  const missing = isNew
    ? (schema?.required ?? []).filter((name) => (settings[name] ?? null) === null)
    : [];
  return [
    ...wrong,
    ...missing.map((name) => ({ path: ['settings'], message: `"settings.${name}" is missing` })),
  ];
}

function secretFlaws({ kind, secrets = {} }: Spec, known: KindSecrets, isNew: boolean): Flaw[] {
  const names = known.map(({ name }) => name);
  const wrong = Object.keys(secrets)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: ['secrets', name],
      message: `a ${kind} has no secret "${name}"${didYouMean(name, names)}`,
    }));
  const missing = isNew
    ? known.filter((one) => one.required && !one.made_when_missing && !(one.name in secrets))
    : [];
  return [
    ...wrong,
    ...missing.map(({ name, title }) => ({
      path: ['secrets'],
      message: `"secrets.${name}" is missing: ${title}`,
    })),
  ];
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text (in quotes)',
  array: 'a list',
  object: 'a group of fields',
  boolean: 'true or false',
  number: 'a number',
  integer: 'a whole number',
};

function fits(value: unknown, types: ReadonlySet<string>): boolean {
  if (Array.isArray(value)) return types.has('array');
  if (Number.isInteger(value) && types.has('integer')) return true;
  return types.has(typeof value);
}
