import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { z } from 'zod';

const schemaShape = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  uniqueItems: z.boolean().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
});

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Whatever the JSON Schema allows, and nothing else: what it says beyond types is left to a validator. */
export function arbitraryOf(schema: object): fc.Arbitrary<unknown> {
  const validate = ajv.compile(schema);
  return valuesOf(schema).filter((value) => validate(value));
}

function valuesOf(given: unknown): fc.Arbitrary<unknown> {
  const schema = schemaShape.parse(given === true ? {} : given);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.type === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
  if (choices !== undefined) return fc.oneof(...choices.map(valuesOf));
  switch (schema.type) {
    case 'string':
      return textsOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'integer':
    case 'number':
      return numbersOf(schema);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, (schema.minItems ?? 0) + 3),
      });
    case 'object':
      return objectsOf(schema);
    case undefined:
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

type Schema = z.output<typeof schemaShape>;

function textsOf({ format, pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  switch (format) {
    case 'uuid':
      return fc.uuid();
    case 'email':
      return fc.emailAddress();
    case 'date-time':
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((at) => at.toISOString());
    case undefined:
    default:
  }
  const lengths = { minLength, maxLength: Math.min(maxLength ?? minLength + 40, minLength + 40) };
  const plain = fc.string({ unit: 'grapheme', ...lengths });
  const odd = fc.constantFrom(' ', '\t ', '\0', 'x\0y', ' padded ', '*', '0');
  // A pattern without its two ends only asks for something to occur.
  return pattern?.startsWith('^') === true && !pattern.startsWith('^[^')
    ? fc.stringMatching(new RegExp(pattern))
    : fc.oneof({ weight: 4, arbitrary: plain }, odd);
}

function numbersOf(schema: Schema): fc.Arbitrary<number> {
  const min = schema.minimum ?? (schema.exclusiveMinimum ?? -1e6) + 1;
  const max = Math.min(
    schema.maximum ?? (schema.exclusiveMaximum ?? 1e6) - 1,
    Number.MAX_SAFE_INTEGER,
  );
  return fc.oneof(
    fc.integer({ min: Math.max(min, -1e9), max: Math.min(max, 1e9) }),
    fc.constant(max),
  );
}

function objectsOf({
  properties = {},
  required = [],
  additionalProperties,
}: Schema): fc.Arbitrary<unknown> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, valuesOf(part)])),
    { requiredKeys: required },
  );
  if (additionalProperties === false || additionalProperties === undefined) return known;
  const rest = fc.dictionary(fc.string({ minLength: 1 }), valuesOf(additionalProperties), {
    maxKeys: 3,
  });
  return fc.tuple(rest, known).map(([more, given]) => ({ ...more, ...given }));
}
