import * as z from 'zod';
import { manifestSchema } from './schema.ts';

/** The schema of a manifest for editors, `docs/manifest.schema.json`. */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'any' });
  const { $schema, ...rest } = schema;
  const titled = { $schema, title: 'leadctl manifest', ...rest };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}
