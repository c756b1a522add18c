import type { z } from 'zod';
import { parseAnswer } from '../core/lossless-json.ts';
import { problemSchema, type Problem } from '../core/problem.ts';
import type { Contract, Route } from './route.ts';

type In<S> = S extends z.ZodType ? z.input<S> : undefined;
type Part<K extends string, S> = S extends z.ZodType
  ? Record<string, never> extends z.input<S>
    ? { readonly [P in K]?: In<S> }
    : { readonly [P in K]: In<S> }
  : unknown;
type BodyPart<B> = B extends { schema: infer S }
  ? { readonly body: In<S> }
  : B extends { kind: 'raw' }
    ? { readonly body: Uint8Array | string }
    : unknown;

export type CallInput<R extends Route> = Part<'params', R['params']> &
  Part<'query', R['query']> &
  BodyPart<R['body']> & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };

type ResponseBody<S> = S extends { kind: 'json'; schema: infer Z }
  ? Z extends z.ZodType
    ? z.output<Z>
    : never
  : S extends { kind: 'text' }
    ? string
    : undefined;

export type CallResult<R extends Route> =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: ResponseBody<R['responses'][keyof R['responses']]>;
      readonly headers: Headers;
    }
  | { readonly ok: false; readonly problem: Problem };

/** Sends one request; like `fetch`, it rejects only when no answer came. */
export type Transport = (request: {
  readonly method: string;
  /** Path and query, e.g. `/api/clients?limit=5`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}) => Promise<Response>;

export interface Client<C extends Contract> {
  call<K extends keyof C['routes'] & string>(
    name: K,
    input: CallInput<C['routes'][K]>,
  ): Promise<CallResult<C['routes'][K]>>;
}

interface LooseInput {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The typed client of a contract: paths and shapes come from the same object the server validates with. */
export function createClient<C extends Contract>(contract: C, transport: Transport): Client<C> {
  return {
    async call(name, input) {
      const route = contract.routes[name];
      if (route === undefined) throw new TypeError(`${contract.service} has no route ${name}`);
      const response = await transport(buildRequest(route, input));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- readResult parsed the body with this very route's schema
      return (await readResult(route, response)) as CallResult<C['routes'][typeof name]>;
    },
  };
}

function buildRequest(route: Route, input: LooseInput): Parameters<Transport>[0] {
  const base = {
    method: route.method,
    path: fillPath(route.path, input.params) + toQueryString(input.query),
    ...(input.signal ? { signal: input.signal } : {}),
  };
  if (route.body === undefined) return { ...base, headers: { ...input.headers } };
  const isRaw = input.body instanceof Uint8Array || typeof input.body === 'string';
  return {
    ...base,
    headers: { 'content-type': 'application/json', ...input.headers },
    body:
      route.body.kind === 'raw' && isRaw ? toBytes(input.body) : JSON.stringify(input.body ?? {}),
  };
}

function toBytes(body: unknown): string | Uint8Array {
  return body instanceof Uint8Array ? body : String(body);
}

/** Fills `{client_id}` and its like; throws when a value is missing. */
export function fillPath(template: string, params: unknown): string {
  const values = new Map(Object.entries(params ?? {}));
  return template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value: unknown = values.get(name);
    if (typeof value !== 'string') throw new TypeError(`${template} needs ${name}`);
    return encodeURIComponent(value);
  });
}

function toQueryString(query: unknown): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) search.append(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function readResult(route: Route, response: Response): Promise<CallResult<Route>> {
  const body = await response.text();
  const spec = route.responses[response.status];
  if (response.status >= 400 || spec === undefined) {
    return { ok: false, problem: readProblem(response, body) };
  }
  const { status, headers } = response;
  switch (spec.kind) {
    case 'json':
      return { ok: true, status, headers, body: spec.schema.parse(parseAnswer(body)) };
    case 'text':
      return { ok: true, status, headers, body };
    case 'empty':
    case 'events':
      return { ok: true, status, headers, body: undefined };
  }
}

/** What answered was perhaps not a daemon of ours (a proxy's page): the reader is told so. */
export function readProblem(response: Response, body: string): Problem {
  try {
    const parsed = problemSchema.safeParse(JSON.parse(body));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON: fall through to the description below.
  }
  return {
    type: 'about:blank',
    title: 'Unexpected answer',
    status: response.status,
    detail: `The server answered ${response.status} with something that is not leadctl's. Is the URL that of a leadctl gateway?`,
    code: 'unexpected_answer',
    request_id: response.headers.get('x-request-id') ?? '-',
  };
}
