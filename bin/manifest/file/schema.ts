import * as z from 'zod';
import { clientContract } from '../../../daemons/client/contract.ts';
import { clientShape } from '../kinds/client.ts';
import { clientParts, platformParts } from '../kinds/index.ts';
import type { Owner } from '../thing.ts';
import type { Part } from '../kinds/kind.ts';

function fieldsOf<O extends Owner>(parts: readonly Part<O>[]): Record<string, z.ZodType> {
  return Object.fromEntries(parts.map(({ field, schema }) => [field, schema]));
}

const { set } = clientContract.routes.listSetEntries.params.shape;

/** One YAML document as people write it. */
export const manifestSchema = z.strictObject({
  apiVersion: z.literal('leadctl/v1'),
  set: set.optional().describe('What --prune may remove: only what this set made'),
  ...fieldsOf(platformParts),
  clients: z.array(z.strictObject({ ...clientShape, ...fieldsOf(clientParts) })).default([]),
});

/** The schema of a manifest for editors, `docs/manifest.schema.json`. */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'any' });
  const { $schema, ...rest } = schema;
  const titled = { $schema, title: 'leadctl manifest', ...rest };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}

/** The fields that the schema knows at a path, e.g. at `clients.0.members.1`. */
export function fieldsAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = unwrap(manifestSchema);
  for (const part of path) {
    if (schema instanceof z.ZodObject) schema = unwrap(schema.shape[String(part)]);
    else if (schema instanceof z.ZodArray) schema = unwrap(schema.element);
    else return [];
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrap(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault;
  return isWrapped ? unwrap(schema.unwrap()) : schema;
}
