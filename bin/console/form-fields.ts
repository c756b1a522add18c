import * as z from 'zod';

export type FieldType = 'text' | 'choice' | 'boolean' | 'number' | 'list' | 'secret';

export interface FormField {
  /** In the body, and in the values that were typed. */
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** May be cleared: nothing typed is null where something stood before. */
  readonly nullable: boolean;
  /** Nothing typed is left out of the body. */
  readonly initial: string;
  readonly choices: readonly string[];
  readonly help: string;
}

/** What a form says of a field beyond what its schema does. */
export interface FieldText {
  readonly label?: string;
  readonly help?: string;
  readonly initial?: string | null;
  /** In place of the schema's: names to choose from. */
  readonly choices?: readonly string[];
  readonly secret?: boolean;
  readonly required?: boolean;
}

interface Json {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Json[];
  readonly oneOf?: readonly Json[];
  readonly items?: Json;
  readonly description?: string;
  readonly default?: unknown;
}

/** The fields asked for, in their order, with types and rules from the schema. Throws for one it lacks. */
export function fieldsFrom(
  schema: z.ZodType,
  ask: Readonly<Record<string, FieldText>>,
): FormField[] {
  const json: Json = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
  );
  return Object.entries(ask).map(([name, text]) => {
    const field = json.properties?.[name];
    if (field === undefined) throw new TypeError(`The schema has no field ${name}`);
    return fieldFrom(name, field, json.required?.includes(name) ?? false, text);
  });
}

function fieldFrom(name: string, json: Json, required: boolean, text: FieldText): FormField {
  const options = json.anyOf ?? json.oneOf ?? [json];
  const value = options.find((one) => one.type !== 'null') ?? json;
  const choices = text.choices ?? (value.enum ?? value.items?.enum ?? []).map(String);
  const usual = json.default ?? undefined;
  return {
    name,
    label: text.label ?? name.replaceAll('_', ' '),
    type: text.secret === true ? 'secret' : typeFrom(value, choices),
    required: text.required ?? required,
    nullable: options.some((one) => one.type === 'null'),
    initial: text.initial ?? textOf(usual),
    choices,
    help: [text.help ?? json.description ?? '', limitText(value)].filter(Boolean).join('; '),
  };
}

function typeFrom(json: Json, choices: readonly string[]): FieldType {
  if (json.type === 'array') return 'list';
  if (choices.length > 0) return 'choice';
  if (json.type === 'boolean') return 'boolean';
  return json.type === 'integer' || json.type === 'number' ? 'number' : 'text';
}

function limitText({ type }: Json): string {
  return type === 'array' ? 'with commas between them' : '';
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The body that was typed: empty fields are left out, or null where they are cleared. */
export function valuesOf(
  fields: readonly FormField[],
  values: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const entries = fields.flatMap((field): [string, unknown][] => {
    const typed = (values[field.name] ?? '').trim();
    if (typed !== '') return [[field.name, parsed(field, typed)]];
    return field.nullable && field.initial !== '' ? [[field.name, null]] : [];
  });
  return Object.fromEntries(entries);
}

function parsed({ type }: FormField, typed: string): unknown {
  switch (type) {
    case 'boolean':
      return typed === 'yes';
    case 'number':
      return Number.isNaN(Number(typed)) ? typed : Number(typed);
    case 'list':
      return typed
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'text':
    case 'choice':
    case 'secret':
      return typed;
  }
}
