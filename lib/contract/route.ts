import type { z } from 'zod';
import type { ErrorCode } from '../core/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route:
 * `public` anyone · `api_key` holders of a client's key (the daemon checks it) · `user` a person who
 * is signed in, about what is their own · `bearer` as `user`, and machine tokens too · `grant` whoever's
 * role holds the route's permission, and every admin · `service` our own daemons, never routed by the
 * gateway. There is nothing for admins alone: what they do, a role can be granted.
 */
export type Access = 'public' | 'api_key' | 'user' | 'bearer' | 'grant' | 'service';

/**
 * Where a permission counts: `client` in the client that the path names, `platform` through a role in
 * any active client.
 */
export type Reach = 'client' | 'platform';

export type BodySpec =
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  /** JSON, urlencoded or multipart: whatever a website form can send. */
  | { readonly kind: 'form'; readonly schema: z.ZodType }
  /** A JSON object with one list, whose items are read one by one: one that is broken hurts no other. */
  | {
      readonly kind: 'items';
      readonly schema: z.ZodType;
      readonly list: string;
      readonly mostItems: number;
    }
  /** The bytes as they came, for signatures. */
  | { readonly kind: 'raw' };

export type ResponseSpec = (
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  | { readonly kind: 'empty' }
  | { readonly kind: 'text' }
  /** Server-sent events. */
  | { readonly kind: 'events'; readonly schema: z.ZodType; readonly names: readonly string[] }
) & {
  /** What it may carry besides, and what that means; for the document. */
  readonly headers?: Readonly<Record<string, string>>;
};

export interface PageText {
  readonly title: string;
  readonly text: string;
}

export interface Route {
  readonly method: Method;
  /** The public template, e.g. `/api/clients/{client_id}/leads`. */
  readonly path: `/${string}`;
  readonly access: Access;
  /** Set where the path names a client that the caller need not belong to; `reachOf` has the rule. */
  readonly reach?: 'platform';
  /** One sentence; the permission's description and the OpenAPI summary. */
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: BodySpec;
  readonly maxBodyBytes?: number;
  /** Browsers that post a plain form are shown pages instead of JSON; this one when it went well. */
  readonly page?: PageText;
  /** Public routes are limited by address, unless their callers prove themselves otherwise. */
  readonly throttle?: 'address' | 'none';
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Codes beyond those every route can answer. */
  readonly errors?: readonly ErrorCode[];
}

export type Routes = Readonly<Record<string, Route>>;

export interface Contract<R extends Routes = Routes> {
  readonly service: ServiceName;
  readonly routes: R;
}

export const SERVICES = [
  'gateway',
  'auth',
  'client',
  'user',
  'lead',
  'product',
  'integration',
  'webhook',
  'permission',
  'hierarchy',
  'worker',
  'sandbox',
] as const;
export type ServiceName = (typeof SERVICES)[number];

export function defineContract<const R extends Routes>(
  service: ServiceName,
  routes: R,
): Contract<R> {
  return { service, routes };
}

export const json = <const S extends z.ZodType>(schema: S) => ({ kind: 'json', schema }) as const;
export const form = <const S extends z.ZodType>(schema: S) => ({ kind: 'form', schema }) as const;
/** `list` names the one member that the schema's object has. */
export const items = <const S extends z.ZodType>(schema: S, list: string, mostItems: number) =>
  ({ kind: 'items', schema, list, mostItems }) as const;
export const raw = { kind: 'raw' } as const;
export const empty = { kind: 'empty' } as const;
export const text = { kind: 'text' } as const;
/** `schema` is of each event's data, whichever its name. */
export const events = <const S extends z.ZodType>(schema: S, names: readonly string[]) =>
  ({ kind: 'events', schema, names }) as const;

export function reachOf(route: Pick<Route, 'path' | 'reach'>): Reach {
  return route.reach ?? (route.path.includes('{client_id}') ? 'client' : 'platform');
}

/** The path a daemon serves behind the gateway: without `/api`, and for auth without `/api/auth`. */
export function internalPath(service: ServiceName, path: string): string {
  const prefix = service === 'auth' ? '/api/auth' : '/api';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}

/** `/clients/{client_id}` as @koa/router writes it: `/clients/:client_id`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
