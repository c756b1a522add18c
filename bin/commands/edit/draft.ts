import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import type { Editable } from './nouns.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is opened in the editor. */
export async function draftOf({ title, fields }: Editable, problem?: string): Promise<string> {
  const { stringify } = await import('yaml');
  const told = (problem ?? '').split('\n').filter((line) => line !== '');
  const head = [
    `# ${title}. Save and leave to change it; leave it as it is to change nothing.`,
    ...told.map((line) => `# Wrong: ${line}`),
  ];
  return `${head.join('\n')}\n${stringify(fields)}`;
}

export type Read =
  | { readonly ok: true; readonly change: Fields }
  | { readonly ok: false; readonly why: string };

/** The fields that differ from those that were opened, by the rules of the API. */
export async function changeIn(text: string, { fields, schema }: Editable): Promise<Read> {
  const { parse } = await import('yaml');
  let after: unknown;
  try {
    after = parse(text);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
  if (typeof after !== 'object' || after === null || Array.isArray(after)) {
    return { ok: false, why: 'it has no fields' };
  }
  const unknown = Object.keys(after).filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length > 0) return { ok: false, why: `cannot be changed: ${unknown.join(', ')}` };
  const typed: Fields = { ...after };
  const change = Object.fromEntries(
    Object.entries(typed)
      .filter(([name, value]) => !isDeepStrictEqual(value, fields[name]))
      .map(([name, value]) => [name, merged(name, value, fields[name])]),
  );
  if (Object.keys(change).length === 0) return { ok: true, change };
  const problem = schema.safeParse(change).error;
  return problem === undefined ? { ok: true, change } : { ok: false, why: wordsOf(problem) };
}

/** Settings are changed one by one: one whose line was deleted is taken away by null. */
function merged(name: string, value: unknown, before: unknown): unknown {
  if (name !== 'settings' || typeof value !== 'object' || value === null) return value;
  const gone = Object.keys(Object(before)).filter((key) => !Object.hasOwn(value, key));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...value };
}

function wordsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
}
