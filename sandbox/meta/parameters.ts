import type { ProviderCall } from '../provider.ts';

/** A Graph call's parameters: the query, with those of a form or JSON body beside it. */
export function graphParameters(call: ProviderCall): URLSearchParams {
  const parameters = new URLSearchParams(call.query);
  for (const [name, value] of bodyParameters(call)) parameters.set(name, value);
  return parameters;
}

function bodyParameters(call: ProviderCall): [string, string][] {
  const text = call.body.toString('utf8');
  if (!call.contentType.startsWith('application/json')) return [...new URLSearchParams(text)];
  try {
    const body: unknown = JSON.parse(text);
    return Object.entries(Object(body)).map(([name, value]) => [name, asText(value)]);
  } catch {
    return [];
  }
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `a,b` or `["a","b"]`: Graph takes both. */
export function listParameter(text: string | null): string[] {
  return (text ?? '')
    .replaceAll(/[[\]"\s]/g, '')
    .split(',')
    .filter((item) => item !== '');
}

/** The top-level names in `fields=id,page{id,name}`. */
export function fieldNames(call: ProviderCall): string[] {
  const flat = (call.query.get('fields') ?? '').replaceAll(
    /\{[^}]*\}|\([^)]*\)|\.limit\(\d+\)/g,
    '',
  );
  return listParameter(flat);
}
