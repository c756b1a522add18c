import { usageError } from '../../cli/failure.ts';
import { type JsonSchema, partOf, typesOf } from '../../client/json-schema.ts';

type Settings = Readonly<Record<string, unknown>>;

/**
 * Settings as they were typed, `template.name=new_lead`, over those in `base`: the schema of the kind says
 * what a text means. Without one, a text that is JSON is taken as JSON. Null takes a setting away.
 */
export function typedSettings(
  typed: readonly string[],
  { schema, base }: { readonly schema: JsonSchema | undefined; readonly base: Settings },
): Settings {
  const seen = new Set<string>();
  let settings: Settings = {};
  for (const one of typed) {
    const { path, text } = split(one);
    const key = path.join('.');
    if (seen.has(key)) throw usageError(`--setting ${key} is given twice`);
    seen.add(key);
    const [top = ''] = path;
    const value = valueOf(text, path.reduce(partOf, schema));
    // What stands beside an inner value stays.
    const before = Object.hasOwn(settings, top) ? settings : base;
    settings = { ...settings, [top]: inside(own(before, top), path.slice(1), value) };
  }
  return settings;
}

function split(typed: string): { readonly path: readonly string[]; readonly text: string } {
  const at = typed.indexOf('=');
  const path = typed.slice(0, at).split('.');
  if (at > 0 && !path.includes('')) return { path, text: typed.slice(at + 1) };
  throw usageError(
    `--setting takes NAME=VALUE, not '${typed}'`,
    'leadctl destination kinds KIND lists the settings of a kind',
  );
}

function inside(before: unknown, path: readonly string[], value: unknown): unknown {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  const group = isGroup(before) ? before : {};
  return { ...group, [field]: inside(own(group, field), rest, value) };
}

function own(group: Settings, field: string): unknown {
  return Object.hasOwn(group, field) ? group[field] : undefined;
}

function isGroup(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `100200300` stays a text where the schema wants one; `a,b` is a list where it wants a list. */
function valueOf(text: string, schema: JsonSchema | undefined): unknown {
  const types = typesOf(schema);
  const json = parsed(text);
  if (json !== undefined && mayBe(json.value, types)) return json.value;
  if (types.size === 0 || types.has('string')) return text;
  if (!types.has('array')) return text;
  return text.split(',').map((one) => valueOf(one.trim(), partOf(schema, '0')));
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function mayBe(value: unknown, types: ReadonlySet<string>): boolean {
  if (value === null || types.size === 0) return true;
  if (Array.isArray(value)) return types.has('array');
  if (typeof value === 'object') return types.has('object');
  if (typeof value === 'string') return types.has('string');
  // A number for a text is an id or a phone number, which no number holds.
  if (types.has('string')) return false;
  if (typeof value === 'number') return types.has('number') || types.has('integer');
  return types.has('boolean');
}
