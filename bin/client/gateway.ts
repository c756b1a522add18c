import { defined } from '../../lib/core/defined.ts';
import {
  type Client,
  createClient,
  readProblem,
  type Transport,
} from '../../lib/contract/client.ts';
import type { Contract } from '../../lib/contract/route.ts';
import type { CommandContext } from '../cli/context.ts';
import type { Settings } from '../config/settings.ts';
import { createSession } from './session.ts';

/** The gateway that this run talks to, in the name of whoever is logged in. */
export interface Gateway {
  readonly settings: Settings;
  /** A typed client that sends the caller's token and refreshes it when it must. */
  of<C extends Contract>(contract: C): Client<C>;
  /** The same without a token: for public routes and those of an API key. */
  anonymous<C extends Contract>(contract: C): Client<C>;
  /** The caller's token, renewed if it must be. */
  token(): Promise<string>;
  /** A request whose answer takes as long as it takes, such as a stream; `signal` alone ends it. */
  open(request: StreamRequest): Promise<Response>;
}

export type StreamRequest = Parameters<Transport>[0] & { readonly signal: AbortSignal };

const TIMEOUT_MS = 30_000;

/**
 * Resolves the settings; the first request goes out at the first call. Requests reject with fetch's own
 * errors, with a `TimeoutError` after 30 s, or with the interruption's reason.
 */
export async function connect(ctx: CommandContext): Promise<Gateway> {
  const settings = await ctx.settings();
  const interruption = ctx.interruption();
  const send: Transport = ({ method, path, headers, body, signal }) =>
    fetch(`${settings.url}${path}`, {
      method,
      headers: { 'user-agent': `leadctl/${ctx.version}`, ...headers },
      redirect: 'manual',
      ...defined({ body, signal }),
    });
  const bounded: Transport = (request) =>
    send({
      ...request,
      signal: AbortSignal.any([
        interruption,
        AbortSignal.timeout(TIMEOUT_MS),
        ...(request.signal ? [request.signal] : []),
      ]),
    });
  const session = createSession({
    settings,
    store: ctx.store,
    now: ctx.now,
    transport: bounded,
  });

  const withToken =
    (transport: Transport): Transport =>
    async (request) => {
      const sendWith = (token: string): Promise<Response> =>
        transport({
          ...request,
          headers: { ...request.headers, authorization: `Bearer ${token}` },
        });
      const token = await session.token();
      const response = await sendWith(token);
      if (!(await saysExpired(response))) return response;
      const renewed = await session.renew(token);
      return renewed === undefined ? response : await sendWith(renewed);
    };

  return {
    settings,
    of: (contract) => createClient(contract, withToken(bounded)),
    anonymous: (contract) => createClient(contract, bounded),
    token: () => session.token(),
    open: withToken(send),
  };
}

async function saysExpired(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const copy = response.clone();
  return readProblem(copy, await copy.text()).code === 'token_expired';
}
