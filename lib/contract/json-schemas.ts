import { z } from 'zod';

type Json = Record<string, unknown>;

export interface JsonSchemas {
  of(schema: z.core.$ZodType, io: 'input' | 'output'): Json;
  /** What recursive schemas refer to, for the document's `components.schemas`. */
  readonly definitions: Readonly<Record<string, Json>>;
}

/**
 * Schemas as parts of one OpenAPI document. JSON Schema's own `#/$defs/…` and `#` would point at the
 * document's root there, so what is referred to moves to its components, under a name of its own.
 */
export function createJsonSchemas(): JsonSchemas {
  const definitions: Record<string, Json> = {};
  return {
    definitions,
    of(schema, io) {
      const { $schema: _dialect, ...plain } = z.toJSONSchema(schema, {
        io,
        unrepresentable: 'any',
        ...(io === 'input' ? { override: withoutNul } : {}),
      });
      const text = JSON.stringify(plain);
      if (!text.includes('"$ref":"#')) return plain;
      const name = `Recursive${Object.keys(definitions).length + 1}`;
      const { $defs = {}, ...root }: Json = JSON.parse(
        text
          .replaceAll('"$ref":"#/$defs/', `"$ref":"#/components/schemas/${name}.`)
          .replaceAll('"$ref":"#"', `"$ref":"#/components/schemas/${name}"`),
      );
      definitions[name] = root;
      for (const [part, definition] of Object.entries($defs ?? {})) {
        definitions[`${name}.${part}`] = definition;
      }
      return { $ref: `#/components/schemas/${name}` };
    },
  };
}

/** PostgreSQL keeps every character but one: no text of a request may hold it. */
const NO_NUL = String.raw`^[^\u0000]*$`;

function withoutNul({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const isFree = [jsonSchema.enum, jsonSchema.const, jsonSchema.format].every(
    (limit) => limit === undefined,
  );
  if (jsonSchema.type !== 'string' || !isFree) return;
  if (jsonSchema.pattern === undefined) jsonSchema.pattern = NO_NUL;
  // One that asks for something to occur says nothing of the rest.
  else if (!jsonSchema.pattern.startsWith('^')) jsonSchema.allOf = [{ pattern: NO_NUL }];
}
