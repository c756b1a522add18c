import { defined } from '../core/defined.ts';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import { problemSchema, PROBLEM_CONTENT_TYPE } from '../core/problem.ts';
import { createJsonSchemas, type JsonSchemas } from './json-schemas.ts';
import type { Access, BodySpec, Contract, ResponseSpec, Route } from './route.ts';

type Json = Record<string, unknown>;

const SECURITY: Record<Access, Json[]> = {
  public: [],
  api_key: [{ apiKey: [] }],
  user: [{ bearer: [] }],
  bearer: [{ bearer: [] }],
  grant: [{ bearer: [] }],
  service: [],
};

/** What any route may answer, whatever it is for. */
const ALWAYS = ['rate_limited', 'internal_error', 'upstream_unavailable'] as const;
const TOKEN = ['unauthenticated', 'token_expired'] as const;

const COMMON_ERRORS: Record<Access, readonly ErrorCode[]> = {
  public: ALWAYS,
  api_key: ['invalid_api_key', 'scope_missing', 'client_suspended', ...ALWAYS],
  user: [...TOKEN, 'forbidden', ...ALWAYS],
  bearer: [...TOKEN, ...ALWAYS],
  grant: [...TOKEN, 'forbidden', 'client_suspended', 'not_found', ...ALWAYS],
  service: ['unauthenticated'],
};

/** One OpenAPI 3.1 document for any number of contracts; paths are the public ones. */
export function toOpenApi(contracts: readonly Contract[], version: string): Json {
  const paths: Record<string, Json> = {};
  const schemas = createJsonSchemas();
  const problem = schemas.of(problemSchema, 'output');
  for (const contract of contracts) {
    for (const [name, route] of Object.entries(contract.routes)) {
      if (route.access === 'service') continue;
      const operations = (paths[route.path] ??= {});
      operations[route.method.toLowerCase()] = {
        operationId: `${contract.service}.${name}`,
        tags: [contract.service],
        ...operation(schemas, route),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'leadctl', version },
    paths,
    components: {
      schemas: { Problem: problem, ...schemas.definitions },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT, or lsk_… of a machine token',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}

function operation(schemas: JsonSchemas, route: Route): Json {
  return {
    summary: route.summary,
    security: SECURITY[route.access],
    'x-access': route.access,
    parameters: [
      ...parameters(schemas, 'path', route.params),
      ...parameters(schemas, 'query', route.query),
      ...parameters(schemas, 'header', route.headers),
    ],
    ...(route.body ? { requestBody: requestBody(schemas, route.body) } : {}),
    responses: { ...successes(schemas, route), ...failures(route) },
  };
}

function parameters(
  schemas: JsonSchemas,
  where: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: where,
    required: where === 'path' || !z.safeParse(field, undefined).success,
    ...defined({ description: field.description }),
    schema: schemas.of(field, 'input'),
  }));
}

function requestBody(schemas: JsonSchemas, body: BodySpec): Json {
  if (body.kind === 'raw') {
    return { required: true, content: { 'application/json': { schema: {} } } };
  }
  const schema = { schema: schemas.of(body.schema, 'input') };
  const types =
    body.kind !== 'form'
      ? ['application/json']
      : ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];
  return { required: true, content: Object.fromEntries(types.map((type) => [type, schema])) };
}

function successes(schemas: JsonSchemas, route: Route): Json {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, spec]) => [
      status,
      { description: route.summary, ...headers(spec), ...content(schemas, spec, pageOf(route)) },
    ]),
  );
}

function headers({ headers: described }: ResponseSpec): Json {
  if (described === undefined) return {};
  const all = Object.entries(described).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return { headers: Object.fromEntries(all) };
}

/** What browsers that post a plain form are shown instead. */
function pageOf(route: Route): Json {
  return route.page === undefined ? {} : { 'text/html': { schema: { type: 'string' } } };
}

function content(schemas: JsonSchemas, spec: ResponseSpec, page: Json): Json {
  switch (spec.kind) {
    case 'json': {
      const schema = schemas.of(spec.schema, 'output');
      return { content: { 'application/json': { schema }, ...page } };
    }
    case 'text':
      return { content: { 'text/plain': { schema: { type: 'string' } } } };
    case 'events':
      return { content: { 'text/event-stream': eventStream(schemas, spec) } };
    case 'empty':
      return {};
  }
}

/** OpenAPI 3.1 has no word for the events of a stream: their names and data stand beside its text. */
function eventStream(
  schemas: JsonSchemas,
  { schema, names }: Extract<ResponseSpec, { kind: 'events' }>,
): Json {
  return {
    schema: { type: 'string', description: `Server-sent events: ${names.join(', ')}.` },
    'x-event-data': schemas.of(schema, 'output'),
  };
}

function failures(route: Route): Json {
  const codes = new Set<ErrorCode>([...COMMON_ERRORS[route.access], ...(route.errors ?? [])]);
  if (route.body)
    codes.add('malformed_request').add('body_too_large').add('unsupported_media_type');
  if (route.body || route.query || route.params) codes.add('validation_failed');
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      {
        description: group.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('. '),
        content: {
          [PROBLEM_CONTENT_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } },
          ...pageOf(route),
        },
      },
    ]),
  );
}
