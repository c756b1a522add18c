import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { isFailure, type Failure } from '../core/errors.ts';
import type { JsonShape } from '../core/json-scan.ts';
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
  /** Says whose client it is about, where the path does not; for the access line. */
  readonly noteClient: (clientId: string) => void;
}

/** What was sent, as it was sent, beside the value that was read from it. */
export interface SentJson {
  /** JSON; for an encoded form, that of its fields. */
  readonly text: string;
  /** Deeper than readers bear: then the value has `null` in place of what lies too deep. */
  readonly shape: JsonShape;
  /** What had to be guessed to read it. */
  readonly warnings: readonly string[];
}

/** One item of an `items` body, or why that one cannot be read. */
export type SentItem =
  | { readonly value: unknown; readonly sent: SentJson }
  | { readonly failure: Failure };

/** A header of the call; the first where it came several times. `name` in lower case. */
export function callHeader({ headers }: Pick<Call, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

type BodyOf<B> = B extends { kind: 'raw' }
  ? Buffer
  : B extends { kind: 'items' }
    ? readonly SentItem[]
    : B extends { schema: infer S }
      ? Output<S>
      : undefined;

export interface Input<R extends Route> {
  readonly params: Output<R['params']>;
  readonly query: Output<R['query']>;
  readonly headers: Output<R['headers']>;
  readonly body: BodyOf<R['body']>;
  /** For `form` routes: everything sent, in the order sent. */
  readonly sent: R['body'] extends { kind: 'form' } ? SentJson : undefined;
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

const REPLY = Symbol('reply');

interface Marked {
  readonly [REPLY]: true;
}

/** An answer whose status the handler chose, of those that its route declares. */
export type Reply<R extends Route> = {
  [S in keyof R['responses'] & number]: Marked & {
    readonly status: S;
    readonly headers?: ReplyHeaders | undefined;
  } & (ReplyBody<R['responses'][S]> extends undefined
      ? { readonly body?: undefined }
      : { readonly body: ReplyBody<R['responses'][S]> });
}[keyof R['responses'] & number];

/** For a route that declares several answers, or an answer with headers. */
export function reply<const S extends number>(status: S): Marked & { readonly status: S };
export function reply<const S extends number, B>(
  status: S,
  body: B,
  headers?: ReplyHeaders,
): Marked & { readonly status: S; readonly body: B; readonly headers?: ReplyHeaders | undefined };
export function reply(
  status: number,
  body?: unknown,
  headers?: ReplyHeaders,
): Marked & RuntimeReply {
  return { [REPLY]: true, status, body, headers };
}

type IsSingle<T, All = T> = T extends unknown ? ([All] extends [T] ? true : false) : never;

/** What answers a route that declares one answer alone: its body, or nothing where it has none. */
type BareAnswer<R extends Route> =
  IsSingle<keyof R['responses'] & number> extends true
    ? ReplyBody<R['responses'][keyof R['responses'] & number]>
    : never;

type Answer<R extends Route> = BareAnswer<R> | Reply<R> | Failure;

export type Handler<R extends Route> = (input: Input<R>) => Promise<Answer<R>> | Answer<R>;

/** What is known of a request before its query, its headers' schema and its body are looked at. */
export type Head<R extends Route> = Pick<Input<R>, 'params' | 'actor' | 'call'>;

/** A request that may go on: what is known by now stands in the handler's closure. */
export interface Admission<R extends Route> {
  /** The most that this caller's body may have, where that is less than the route takes. */
  readonly maxBodyBytes?: number;
  readonly handle: Handler<R>;
  /** Told when the request is refused after all, by what came later or by `handle`. */
  readonly onRefused?: (failure: Failure) => void;
}

/** Decides about a request by its head: refused, not one byte of its body is read. */
export interface StagedHandler<R extends Route> {
  readonly before: (head: Head<R>) => Promise<Admission<R> | Failure>;
}

/** One handler a route: a missing or superfluous one does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C['routes']]: Handler<C['routes'][K]> | StagedHandler<C['routes'][K]>;
};

/** A handler as the HTTP kit calls it, when the route is only known at run time. */
export interface BoundRoute {
  readonly route: Route;
  readonly before: (head: Head<Route>) => Promise<RuntimeAdmission | Failure>;
}

export interface RuntimeAdmission {
  readonly maxBodyBytes?: number;
  readonly handle: (input: Input<Route>) => Promise<RuntimeReply | Failure>;
  readonly onRefused?: (failure: Failure) => void;
}

export interface RuntimeReply {
  readonly status: number;
  readonly headers?: ReplyHeaders | undefined;
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
    if (route !== undefined && typeof handler === 'function') {
      const handle = replying(route, async (input) => handler(input));
      const admission: RuntimeAdmission = { handle };
      return { route, before: async () => admission };
    }
    if (route !== undefined && isStaged(handler)) {
      return {
        route,
        async before(head) {
          const admission = await handler.before(head);
          if (isFailure(admission)) return admission;
          return { ...admission, handle: replying(route, admission.handle) };
        },
      };
    }
    throw new TypeError(`${contract.service}: route ${name} has no handler`);
  });
}

function replying(
  route: Route,
  handle: (input: Input<Route>) => Promise<unknown>,
): RuntimeAdmission['handle'] {
  return async (input) => toReply(route, await handle(input));
}

/** What a handler answered, a bare answer with the status that its route declares. */
export function toReply(route: Route, answer: unknown): RuntimeReply | Failure {
  if (isFailure(answer) || isReply(answer)) return answer;
  const [status = 200] = Object.keys(route.responses).map(Number);
  return { status, body: answer };
}

function isReply(answer: unknown): answer is RuntimeReply {
  return typeof answer === 'object' && answer !== null && REPLY in answer;
}

function isStaged(handler: unknown): handler is Pick<BoundRoute, 'before'> {
  return typeof handler === 'object' && handler !== null && 'before' in handler;
}

export type { BodySpec, ResponseSpec };
