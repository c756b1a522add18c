import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import {
  type DestinationKind,
  integrationContract,
  type ShownDestination,
} from '../../daemons/integration/contract.ts';
import { CliError } from '../cli/failure.ts';
import { fileReason } from '../cli/file-reason.ts';
import { type JsonSchema, jsonSchemaIn, typesOf } from '../client/json-schema.ts';
import { typedSettings } from '../commands/destination/settings.ts';
import type { Form, Values } from './form.ts';
import { option, word } from './form.ts';
import type { FormField } from './form-fields.ts';

const { body } = integrationContract.routes.createDestination;
const OCCASIONS = body.schema.shape.on.unwrap().element.options;
const SETTING = 'settings.';
const SECRET = 'secrets.';

export interface TypedDestination {
  readonly name: string;
  readonly on: (typeof OCCASIONS)[number][];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface DestinationFormSpec {
  readonly kind: DestinationKind;
  readonly clientId: string;
  /** What is changed; without one it is made. */
  readonly before?: ShownDestination;
  readonly submit: (typed: TypedDestination) => Promise<string>;
}

/** A form of whatever a kind of destination wants to know: its settings and secrets, by its own schema. */
export function destinationForm({ kind, clientId, before, submit }: DestinationFormSpec): Form {
  const schema = jsonSchemaIn(kind.settings_schema);
  const fields = [
    ...(before === undefined ? [nameField()] : []),
    onField(before),
    ...settingFields(schema, before?.settings ?? {}),
    ...kind.secrets.map((secret) => secretField(secret, before)),
  ];
  const rules = rulesIn(kind);
  const base = before?.settings ?? {};
  const settingsOf = (values: Values): Readonly<Record<string, unknown>> =>
    withoutNull(typedSettings(typed(fields, values), { schema, base }));
  return {
    title:
      before === undefined
        ? `${kind.title}: a new destination of ${clientId}`
        : `Change ${before.name} (${kind.title}); a secret that is left empty stays`,
    fields,
    problems: (values) =>
      problemsOf(fields, values, () => rules.safeParse({ ...base, ...settingsOf(values) }).error),
    command: (values) => commandOf(fields, values, { kind: kind.kind, clientId, before }),
    submit: async (values) =>
      await submit({
        name: before?.name ?? trimmed(values, 'name'),
        on: OCCASIONS.filter((one) => listIn(values['on']).includes(one)),
        settings: typedSettings(typed(fields, values), { schema, base }),
        secrets: await secretsIn(fields, values),
      }),
  };
}

/** Classes such as \\p{Cc} want a flag that zod does not set: what they forbid is left to the platform to say. */
function rulesIn({ settings_schema: schema }: DestinationKind): z.ZodType {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' && value.includes('\\p{') ? undefined : value,
  );
  return z.fromJSONSchema(JSON.parse(text));
}

/** What a pattern says is for programs. */
function inWords(message: string): string {
  if (message.includes('must match pattern')) return 'is not written as it should be';
  return message.replace(/^Invalid input: expected (\w+).*$/, 'must be $1');
}

const plain = { required: false, nullable: false, initial: '', choices: [], help: '' } as const;

function nameField(): FormField {
  const help = 'what it is called here, e.g. crm';
  return { ...plain, name: 'name', label: 'name', type: 'text', required: true, help };
}

function onField(before: ShownDestination | undefined): FormField {
  return {
    ...plain,
    name: 'on',
    label: 'on',
    type: 'list',
    required: true,
    initial: (before?.on ?? ['lead.created']).join(', '),
    choices: OCCASIONS,
    help: `what it is told of: ${OCCASIONS.join(', ')}`,
  };
}

function settingFields(
  schema: JsonSchema | undefined,
  now: Readonly<Record<string, unknown>>,
  prefix = '',
  isNeeded = true,
): FormField[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, field]): FormField[] => {
    const path = `${prefix}${name}`;
    const required = isNeeded && (schema?.required?.includes(name) ?? false);
    const inside = Reflect.get(now, name);
    if (field.properties !== undefined) {
      return settingFields(field, isGroup(inside) ? inside : {}, `${path}.`, required);
    }
    const types = typesOf(field);
    const choices = (field.enum ?? []).map(String);
    const described: unknown = Reflect.get(field, 'description');
    return [
      {
        name: `${SETTING}${path}`,
        label: path.replaceAll('_', ' '),
        type: types.has('array') ? 'list' : choices.length > 0 ? 'choice' : 'text',
        required,
        nullable: !required,
        initial: textOf(inside ?? field.default),
        choices,
        help: [
          typeof described === 'string' ? described : '',
          types.has('array') ? 'with commas between them' : '',
          types.has('object') && !types.has('array') ? 'as JSON' : '',
        ]
          .filter(Boolean)
          .join('; '),
      },
    ];
  });
}

function secretField(
  { name, title, required, made_when_missing: isMade }: DestinationKind['secrets'][number],
  before: ShownDestination | undefined,
): FormField {
  const isThere = before?.secrets[name] !== undefined && before.secrets[name] !== null;
  return {
    ...plain,
    name: `${SECRET}${name}`,
    label: name.replaceAll('_', ' '),
    type: 'secret',
    required: required && !isMade && !isThere,
    help: `${title}; @FILE takes it from a file${isMade && !isThere ? '; made when it is left empty' : ''}`,
  };
}

/** `template.name=new_lead` for each setting that was changed; one that was cleared is null. */
function typed(fields: readonly FormField[], values: Values): string[] {
  return fields.flatMap(({ name, initial, type }) => {
    const text = trimmed(values, name);
    if (!name.startsWith(SETTING)) return [];
    if (text === '') return initial === '' ? [] : [`${name.slice(SETTING.length)}=null`];
    const value = type === 'list' && !text.startsWith('[') ? JSON.stringify(listIn(text)) : text;
    return [`${name.slice(SETTING.length)}=${value}`];
  });
}

function problemsOf(
  fields: readonly FormField[],
  values: Values,
  check: () => z.ZodError | undefined,
): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { name, required } of fields) {
    if (required && trimmed(values, name) === '') problems[name] = 'must be given';
  }
  if (fields.some(({ name }) => name === 'name') && problems['name'] === undefined) {
    const issue = body.schema.shape.name.safeParse(trimmed(values, 'name')).error?.issues[0];
    if (issue !== undefined) problems['name'] = issue.message;
  }
  const unknown = listIn(values['on']).find((one) => !OCCASIONS.some((known) => known === one));
  if (unknown !== undefined) problems['on'] = `no such event: ${unknown}`;
  for (const { path, message } of check()?.issues ?? []) {
    const wanted = `${SETTING}${path.join('.')}`;
    const field = fields.find(({ name }) => wanted === name || wanted.startsWith(`${name}.`));
    // What is not given at all is said above, in the field that is missing.
    const isMissing = field === undefined && fields.some(({ name }) => name.startsWith(wanted));
    if (!isMissing) problems[field?.name ?? ''] ??= inWords(message);
  }
  return problems;
}

function commandOf(
  fields: readonly FormField[],
  values: Values,
  of: {
    readonly kind: string;
    readonly clientId: string;
    readonly before: ShownDestination | undefined;
  },
): string {
  const { kind, clientId, before } = of;
  const changed = fields.filter(({ name, initial }) => trimmed(values, name) !== initial);
  const settings = changed
    .filter(({ name }) => name.startsWith(SETTING))
    .map(
      ({ name }) =>
        ` --setting ${word(`${name.slice(SETTING.length)}=${trimmed(values, name).replaceAll(/\s*,\s*/g, ',') || 'null'}`)}`,
    );
  const secrets = changed
    .filter(({ name }) => name.startsWith(SECRET))
    .map(({ name }) => ` --secret-file ${name.slice(SECRET.length)}=FILE`);
  const on = changed.some(({ name }) => name === 'on')
    ? option('--on', listIn(values['on']).join(','))
    : '';
  const head =
    before === undefined
      ? `leadctl destination create ${word(trimmed(values, 'name'))} --kind ${kind}`
      : `leadctl destination set ${word(before.name)}`;
  return `${head}${settings.join('')}${secrets.join('')}${on} --client ${clientId}`;
}

async function secretsIn(
  fields: readonly FormField[],
  values: Values,
): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { name } of fields) {
    const text = trimmed(values, name);
    if (!name.startsWith(SECRET) || text === '') continue;
    secrets[name.slice(SECRET.length)] = text.startsWith('@')
      ? await contentOf(text.slice(1))
      : text;
  }
  return secrets;
}

async function contentOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new CliError(`Cannot read ${file}: ${fileReason(error)}`);
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listIn(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function trimmed(values: Values, name: string): string {
  return (values[name] ?? '').trim();
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null takes a setting away: to the schema it is not there. */
function withoutNull(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(settings).filter(([, value]) => value !== null);
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isGroup(value) ? withoutNull(value) : value]),
  );
}
