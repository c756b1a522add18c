import { z } from 'zod';
import { defineContract, events, json, raw } from '../../../lib/contract/route.ts';
import { inClient } from '../../../lib/contract/shapes.ts';

/** What the daemon saw of a request. */
export const seenSchema = z.object({
  route: z.string(),
  params: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.string()),
  user_id: z.string().nullable(),
  ip: z.string(),
  request_id: z.string(),
  traceparent: z.string(),
  headers: z.record(z.string(), z.unknown()),
  body_bytes: z.int(),
});
export type Seen = z.output<typeof seenSchema>;

const seen = { responses: { 200: json(seenSchema) } } as const;
const anyQuery = z.looseObject({ page: z.string().optional() });

/** One route of every kind; each answers with what reached it. */
export const echoContract = defineContract('lead', {
  live: {
    method: 'GET',
    path: '/api/clients/{client_id}/things/live',
    access: 'grant',
    summary: 'Never granted in these tests',
    params: inClient,
    ...seen,
  },
  stream: {
    method: 'GET',
    path: '/api/clients/{client_id}/stream',
    access: 'grant',
    summary: 'A live stream',
    params: inClient,
    responses: { 200: events(z.object({}), ['tick']) },
  },
  list: {
    method: 'GET',
    path: '/api/clients/{client_id}/things',
    access: 'grant',
    summary: 'A list',
    params: inClient,
    query: anyQuery,
    ...seen,
  },
  create: {
    method: 'POST',
    path: '/api/clients/{client_id}/things',
    access: 'grant',
    summary: 'Takes a body',
    params: inClient,
    body: json(z.looseObject({})),
    ...seen,
  },
  forbidden: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/things',
    access: 'grant',
    summary: 'In the contract, granted to nobody, registered by nobody',
    params: inClient,
    ...seen,
  },
  item: {
    method: 'GET',
    path: '/api/clients/{client_id}/things/{thing_id}',
    access: 'grant',
    summary: 'An item with any id at all',
    params: inClient.extend({ thing_id: z.string() }),
    ...seen,
  },
  upload: {
    method: 'PUT',
    path: '/api/upload',
    access: 'public',
    throttle: 'none',
    summary: 'Takes bytes',
    body: raw,
    maxBodyBytes: 8 * 1024 * 1024,
    ...seen,
  },
  admin: {
    method: 'GET',
    path: '/api/settings',
    access: 'grant',
    summary: 'Admins only',
    ...seen,
  },
  open: {
    method: 'GET',
    path: '/api/open',
    access: 'public',
    summary: 'Anybody',
    ...seen,
  },
  slow: {
    method: 'GET',
    path: '/api/slow',
    access: 'public',
    throttle: 'none',
    summary: 'Answers only once the caller has given up',
    ...seen,
  },
  keyed: {
    method: 'POST',
    path: '/api/ingest',
    access: 'api_key',
    summary: 'The daemon checks the key',
    headers: z.object({ 'x-api-key': z.string().optional() }),
    body: json(z.looseObject({})),
    ...seen,
  },
  internal: {
    method: 'PUT',
    path: '/api/internal/{name}',
    access: 'service',
    summary: 'Our own daemons only',
    params: z.object({ name: z.string() }),
    ...seen,
  },
});

/** Another service, served below a longer prefix. */
export const signedInContract = defineContract('auth', {
  hello: {
    method: 'GET',
    path: '/api/auth/hello',
    access: 'public',
    summary: 'Anybody, on the way to signing in',
    ...seen,
  },
  me: {
    method: 'GET',
    path: '/api/auth/me',
    access: 'user',
    summary: 'Anybody signed in',
    ...seen,
  },
});
