import type { Transport } from '../../../lib/contract/client.ts';
import { toReply, type Handlers, type RuntimeReply } from '../../../lib/contract/handler.ts';
import type { Contract, Routes } from '../../../lib/contract/route.ts';
import { ERRORS, fail, isFailure, type Failure } from '../../../lib/core/errors.ts';

/** Answers one request, or says that the route is another's. */
export type Answering = (request: Parameters<Transport>[0]) => Promise<Response | undefined>;

/** Some routes of a contract without a server: what is asked is held to the contract's own schemas. */
export function serve<R extends Routes>(
  contract: Contract<R>,
  handlers: Partial<Handlers<Contract<R>>>,
): Answering {
  const routes = Object.keys(handlers).map((name) => {
    const handler: unknown = handlers[name];
    const route = contract.routes[name];
    const pattern = route?.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    return { route, handler, path: new RegExp(`^${pattern}$`) };
  });
  return async (request) => {
    const url = new URL(request.path, 'http://memory');
    for (const { route, handler, path } of routes) {
      const isMeant = route?.method === request.method && path.test(url.pathname);
      if (!isMeant || typeof handler !== 'function') continue;
      const given: unknown = JSON.parse(String(request.body ?? 'null'));
      const body = route.body && 'schema' in route.body ? route.body.schema.safeParse(given) : null;
      if (body?.success === false) return toResponse(fail('validation_failed', String(body.error)));
      const input = {
        params: route.params?.parse(paramsIn(path, url.pathname)),
        query: route.query?.parse(Object.fromEntries(url.searchParams)),
        body: body?.data,
      };
      return toResponse(toReply(route, await handler(input)));
    }
    return undefined;
  };
}

function paramsIn(path: RegExp, given: string): Record<string, string> {
  const parts = Object.entries(path.exec(given)?.groups ?? {});
  return Object.fromEntries(parts.map(([name, value]) => [name, decodeURIComponent(value)]));
}

function toResponse(reply: RuntimeReply | Failure): Response {
  if (isFailure(reply)) return refusal(reply);
  const { status, body } = reply;
  return new Response(body === undefined ? null : JSON.stringify(body), { status });
}

function refusal({ code, detail }: Failure): Response {
  const { status, title } = ERRORS[code];
  const problem = { type: 't', title, status, detail, code, request_id: 'r' };
  return new Response(JSON.stringify(problem), { status });
}
