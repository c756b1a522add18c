import * as z from 'zod';

/** One field of a schema, in words; those of inner objects have their path, e.g. `last_error.code`. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string | null;
}

interface Json {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly items?: Json;
  readonly anyOf?: readonly Json[];
  readonly oneOf?: readonly Json[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: unknown;
}

const DEEPEST = 4;

/** The fields of an object, or of the things in a list. */
export function fieldsOf(schema: z.core.$ZodType, io: 'input' | 'output'): Field[] {
  return fieldsIn(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
}

/** The same of a JSON Schema. */
export function fieldsIn(schema: object): Field[] {
  const json: Json = JSON.parse(JSON.stringify(schema));
  return [...walk(json, '', 0)];
}

function* walk(json: Json, prefix: string, depth: number): Generator<Field, undefined> {
  const object = objectIn(json);
  for (const [name, field] of Object.entries(object?.properties ?? {})) {
    const isList = field.type === 'array';
    const path = `${prefix}${name}${isList ? '[]' : ''}`;
    yield {
      name: path,
      type: typeText(isList && field.items !== undefined ? field.items : field),
      required: object?.required?.includes(name) ?? false,
      description: described(field),
    };
    if (depth < DEEPEST) yield* walk(isList ? (field.items ?? {}) : field, `${path}.`, depth + 1);
  }
  return undefined;
}

/** The object that a schema is, may be, or lists. */
function objectIn(json: Json): Json | undefined {
  if (json.properties !== undefined) return json;
  if (json.items !== undefined) return objectIn(json.items);
  for (const one of [...(json.anyOf ?? []), ...(json.oneOf ?? [])]) {
    const found = objectIn(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeText(json: Json): string {
  if (json.enum !== undefined) return json.enum.map(String).join(' | ');
  if (json.const !== undefined) return JSON.stringify(json.const);
  const some = json.anyOf ?? json.oneOf;
  if (some !== undefined) return [...new Set(some.map(typeText))].join(' | ');
  if (typeof json.type === 'string') return json.format ?? json.type;
  return json.type === undefined ? 'any' : json.type.join(' | ');
}

function described({ description, default: usual }: Json): string | null {
  const told = usual === undefined ? '' : `(${JSON.stringify(usual)} unless told)`;
  return [description ?? '', told].filter((part) => part !== '').join(' ') || null;
}
