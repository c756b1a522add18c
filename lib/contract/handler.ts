import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Failure } from '../core/errors.ts';
import type {
  Identity,
  PersonIdentity,
  ServiceIdentity,
  UserIdentity,
} from '../identity/identity.ts';
import type { Access, BodySpec, Contract, ResponseSpec, Route, Routes } from './route.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a handler is told about who calls; narrower where the route's access has proven more. */
export type ActorOf<A extends Access> = A extends 'user'
  ? PersonIdentity
  : A extends 'bearer' | 'grant'
    ? UserIdentity
    : A extends 'service'
      ? ServiceIdentity
      : Identity;

/** The request around the input: for logs, audit rows and cancellation. */
export interface Call {
  readonly requestId: string;
  readonly traceparent: string;
  /** The caller's address as the gateway saw it. */
  readonly ip: string;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** Sets headers of the answer, whichever it will be. */
  readonly answerWith: (headers: Readonly<Record<string, string>>) => void;
}

type BodyOf<B> = B extends { kind: 'raw' }
  ? Buffer
  : B extends { schema: infer S }
    ? Output<S>
    : undefined;

export interface Input<R extends Route> {
  readonly params: Output<R['params']>;
  readonly query: Output<R['query']>;
  readonly headers: Output<R['headers']>;
  readonly body: BodyOf<R['body']>;
  /** For `form` routes: the JSON text of everything sent, in the order sent. */
  readonly bodyText: R['body'] extends { kind: 'form' } ? string : undefined;
  readonly actor: ActorOf<R['access']>;
  readonly call: Call;
}

type ReplyBody<S> = S extends { kind: 'json'; schema: infer Z }
  ? Z extends z.ZodType
    ? z.input<Z>
    : never
  : S extends { kind: 'text' }
    ? string
    : S extends { kind: 'events' }
      ? Readable
      : undefined;

export type ReplyHeaders = Readonly<Record<string, string>>;

export type Reply<R extends Route> = {
  [S in keyof R['responses'] & number]: {
    readonly status: S;
    readonly headers?: ReplyHeaders;
  } & (ReplyBody<R['responses'][S]> extends undefined
    ? { readonly body?: undefined }
    : { readonly body: ReplyBody<R['responses'][S]> });
}[keyof R['responses'] & number];

export type Handler<R extends Route> = (
  input: Input<R>,
) => Promise<Reply<R> | Failure> | Reply<R> | Failure;

/** One handler a route: a missing or superfluous one does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C['routes']]: Handler<C['routes'][K]>;
};

/** A handler as the HTTP kit calls it, when the route is only known at run time. */
export interface BoundRoute {
  readonly route: Route;
  readonly handle: (input: Input<Route>) => Promise<RuntimeReply | Failure>;
}

export interface RuntimeReply {
  readonly status: number;
  readonly headers?: ReplyHeaders;
  readonly body?: unknown;
}

/** Pairs each route with its handler; the input's types were proven by the route's own schemas. */
export function pairHandlers<R extends Routes>(
  contract: Contract<R>,
  handlers: Handlers<Contract<R>>,
): BoundRoute[] {
  return Object.keys(contract.routes).map((name) => {
    const route = contract.routes[name];
    const handler: unknown = handlers[name];
    if (route === undefined || typeof handler !== 'function') {
      throw new TypeError(`${contract.service}: route ${name} has no handler`);
    }
    return { route, handle: async (input) => handler(input) };
  });
}

export type { BodySpec, ResponseSpec };
