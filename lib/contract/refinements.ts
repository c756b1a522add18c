import { z } from 'zod';

/**
 * Rules that zod checks by a function. Each says the same in JSON Schema, so that a body made by the
 * document is one that is taken.
 */

/** Text that says something, its surrounding blanks left out. */
export const label = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .meta({ pattern: String.raw`\S` });

/** A change names at least one thing. */
export function namesSomething<S extends z.ZodObject>(schema: S): S {
  return schema
    .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
    .meta({ ...schema.meta(), minProperties: 1 });
}

export function exactlyOneOf<S extends z.ZodObject>(
  schema: S,
  names: readonly [string, string],
  message: string,
): S {
  return ruled(schema, names, {
    holds: (given) => given === 1,
    message,
    path: names.slice(0, 1),
    rule: { oneOf: names.map((name) => ({ required: [name] })) },
  });
}

export function atMostOneOf<S extends z.ZodObject>(
  schema: S,
  names: readonly [string, string],
  message: string,
): S {
  return ruled(schema, names, {
    holds: (given) => given <= 1,
    message,
    path: names.slice(0, 1),
    rule: { not: { required: [...names] } },
  });
}

export function atLeastOneOf<S extends z.ZodObject>(
  schema: S,
  names: readonly string[],
  message: string,
): S {
  return ruled(schema, names, {
    holds: (given) => given >= 1,
    message,
    path: [],
    rule: { anyOf: names.map((name) => ({ required: [name] })) },
  });
}

interface Rule {
  /** Asked how many of the names are given. */
  readonly holds: (given: number) => boolean;
  readonly message: string;
  /** Which field is at fault. */
  readonly path: readonly string[];
  /** The same in JSON Schema. */
  readonly rule: object;
}

function ruled<S extends z.ZodObject>(
  schema: S,
  names: readonly string[],
  { holds, message, rule, path }: Rule,
): S {
  const { allOf, ...meta } = schema.meta() ?? {};
  return schema
    .refine((value) => holds(names.filter((name) => value[name] !== undefined).length), {
      message,
      path: [...path],
    })
    .meta({ ...meta, allOf: [...(Array.isArray(allOf) ? allOf : []), rule] });
}
