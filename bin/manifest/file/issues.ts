import type * as z from 'zod';
import type { LocatedDocument, Path, Problem } from './document.ts';
import { fieldsAt } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** What a schema finds wrong, in words for whoever wrote the manifest, where it stands. */
export function problemsOf(issue: z.core.$ZodIssue, source: LocatedDocument): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...source.placeOfKey(path, key),
      message: `${at(path)}unknown field "${key}"${didYouMean(key, fieldsAt(path))}`,
    }));
  }
  const isMissing = issue.code !== 'custom' && valueAt(source.value, path) === undefined;
  if (isMissing && path.length > 0) {
    const field = String(path.at(-1));
    const around = path.slice(0, -1);
    return [{ ...source.placeOf(around), message: `${at(around)}"${field}" is missing` }];
  }
  return [{ ...source.placeOf(path), message: `${at(path)}${inWords(issue)}` }];
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a group of fields',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid')) {
    return `must be ${issue.values.map((value) => `"${String(value)}"`).join(' or ')}`;
  }
  return issue.message;
}

/** `clients[0].members[1]: ` */
function at(path: Path): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `${text}: `;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, part) => fieldOf(inside, part), value);
}

export function fieldOf(value: unknown, field: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
