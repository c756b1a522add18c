import * as z from 'zod';

/** As much of a JSON Schema as tells what a typed text means. */
export interface JsonSchema {
  readonly type?: string | readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly additionalProperties?: unknown;
  readonly items?: JsonSchema | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly oneOf?: readonly JsonSchema[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly required?: readonly string[] | undefined;
  /** A text stands for a group with this field alone. */
  readonly 'x-shorthand'?: string | undefined;
}

const shape: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), shape).optional(),
    additionalProperties: z.unknown().optional(),
    items: shape.optional(),
    anyOf: z.array(shape).optional(),
    oneOf: z.array(shape).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    required: z.array(z.string()).optional(),
    'x-shorthand': z.string().optional(),
  }),
);

/** What the platform says of a kind's settings; undefined where that is not understood. */
export function jsonSchemaIn(value: unknown): JsonSchema | undefined {
  return shape.safeParse(value).data;
}

/** The schema of a field of an object, or of the entries of a list. */
export function partOf(schema: JsonSchema | undefined, field: string): JsonSchema | undefined {
  if (schema === undefined) return undefined;
  const { properties = {}, additionalProperties: others, items } = schema;
  const named = Object.hasOwn(properties, field) ? properties[field] : undefined;
  if (named !== undefined) return named;
  if (items !== undefined && /^\d+$/.test(field)) return items;
  const rest = typeof others === 'object' ? jsonSchemaIn(others) : undefined;
  if (rest !== undefined) return rest;
  for (const one of alternatives(schema)) {
    const found = partOf(one, field);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The types that a value may have; none where any will do. */
export function typesOf(schema: JsonSchema | undefined): ReadonlySet<string> {
  if (schema === undefined) return new Set();
  const { type, enum: choices } = schema;
  const own = typeof type === 'string' ? [type] : (type ?? []);
  const chosen = own.length > 0 ? [] : [...(choices ?? []), ...constIn(schema)].map(typeOf);
  const inner = alternatives(schema).flatMap((one) => [...typesOf(one)]);
  return new Set([...own, ...chosen, ...inner]);
}

/** The fields that an object of the schema may have, with their schemas. */
export function propertiesOf(schema: JsonSchema | undefined): Readonly<Record<string, JsonSchema>> {
  if (schema === undefined) return {};
  return (
    schema.properties ??
    alternatives(schema).find(({ properties }) => properties !== undefined)?.properties ??
    {}
  );
}

const alternatives = ({ anyOf = [], oneOf = [] }: JsonSchema): readonly JsonSchema[] => [
  ...anyOf,
  ...oneOf,
];

const constIn = (schema: JsonSchema): unknown[] =>
  schema.const === undefined ? [] : [schema.const];

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
