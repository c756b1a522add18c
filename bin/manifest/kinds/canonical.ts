import { type JsonSchema, partOf, propertiesOf } from '../../client/json-schema.ts';

/**
 * A setting in the one of its ways of writing by which two can be compared: what its kind fills in is
 * filled in, what may be written short is short, and fields stand in one order.
 */
export function canonical(value: unknown, schema: JsonSchema | undefined): unknown {
  // What is cleared is as it would be without it.
  if (value === null) return canonicalDefault(schema);
  if (Array.isArray(value)) return value.map((one) => canonical(one, partOf(schema, '0')));
  if (typeof value !== 'object') return value;
  const known = Object.entries(propertiesOf(schema)).flatMap(([name, one]) =>
    one.default === undefined ? [] : [[name, one.default] as const],
  );
  const fields = Object.entries({ ...Object.fromEntries(known), ...value })
    .filter(([, one]) => one !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, canonical(one, partOf(schema, name))] as const);
  const [first] = fields;
  const isShort = fields.length === 1 && first?.[0] === schema?.['x-shorthand'];
  if (isShort && typeof first?.[1] === 'string') return first[1];
  return Object.fromEntries(fields);
}

function canonicalDefault(schema: JsonSchema | undefined): unknown {
  const usual = schema?.default;
  return usual === undefined || usual === null ? null : canonical(usual, schema);
}
