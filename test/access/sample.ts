import { z } from 'zod';
import { newId } from '../../lib/core/ids.ts';
import { unique } from '../../lib/testing/factories.ts';

const schemaShape = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minItems: z.number().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});
type Schema = z.output<typeof schemaShape>;

/**
 * Bodies that a JSON schema describes, the likeliest first: what is required, then that with each
 * of the optional properties, one at a time (a change must name something).
 */
export function samplesOf(schema: unknown): unknown[] {
  const parsed = schemaShape.parse(schema ?? {});
  if (parsed.type !== 'object') return [sampleOf(parsed)];
  const { properties = {}, required = [] } = parsed;
  const least = Object.fromEntries(required.map((name) => [name, sampleOf(properties[name])]));
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  return [least, ...optional.map((name) => ({ ...least, [name]: sampleOf(properties[name]) }))];
}

function sampleOf(given: unknown): unknown {
  const schema = schemaShape.parse(given ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  // Beside a type they are rules about it.
  const [choice] = schema.type === undefined ? (schema.anyOf ?? schema.oneOf ?? []) : [];
  if (choice !== undefined) return sampleOf(choice);
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items));
    case 'object':
      return samplesOf(schema)[0];
    case undefined:
    default:
      return {};
  }
}

const CANDIDATES = ['10', 'DE', 'acme', 'https://acme.example', '1234567890'];

function textOf({ format, pattern, minLength = 1 }: Schema): string {
  if (format === 'uuid') return newId();
  if (format === 'email') return `walker-${unique()}@example.com`;
  if (format === 'date-time') return new Date().toISOString();
  const text = `walk-${unique()}`.padEnd(minLength, 'x');
  if (pattern === undefined) return text;
  const shape = new RegExp(pattern);
  return [text, ...CANDIDATES].find((candidate) => shape.test(candidate)) ?? text;
}
