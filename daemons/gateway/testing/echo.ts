import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../../lib/contract/handler.ts';
import { fail } from '../../../lib/core/errors.ts';
import { createDaemonApp, type HttpDeps, type DaemonListener } from '../../../lib/http/app.ts';
import type { Identity } from '../../../lib/identity/identity.ts';
import { echoContract, signedInContract, type Seen } from './contract.ts';

interface AnyInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly actor: Identity;
  readonly call: Call;
}

/** Live streams that somebody is reading. */
export interface OpenStreams {
  count: number;
}

export function echoDaemon(deps: HttpDeps, streams: OpenStreams): DaemonListener {
  const echo = (route: string) => (input: AnyInput) => seenBy(route, input);
  return createDaemonApp(deps, {
    contract: echoContract,
    checks: {},
    handlers: {
      live: echo('live'),
      list: echo('list'),
      create: echo('create'),
      forbidden: echo('forbidden'),
      item: echo('item'),
      upload: echo('upload'),
      admin: echo('admin'),
      open: echo('open'),
      internal: echo('internal'),
      stream: ({ call }) => follow(call.signal, streams),
      slow: async (input) => {
        await new Promise((resolve) => input.call.signal.addEventListener('abort', resolve));
        return echo('slow')(input);
      },
      keyed: (input) =>
        input.headers['x-api-key'] === 'right'
          ? echo('keyed')(input)
          : fail('invalid_api_key', 'No such key.'),
    },
  });
}

export function signedInDaemon(deps: HttpDeps): DaemonListener {
  return createDaemonApp(deps, {
    contract: signedInContract,
    checks: {},
    handlers: {
      hello: (input) => seenBy('hello', input),
      me: (input) => seenBy('me', input),
    },
  });
}

function seenBy(route: string, { params, query, body, actor, call }: AnyInput): Seen {
  return {
    route,
    params: textsOf(params),
    query: textsOf(query),
    user_id: actor.kind === 'user' ? actor.userId : null,
    ip: call.ip,
    request_id: call.requestId,
    traceparent: call.traceparent,
    headers: { ...call.headers },
    body_bytes: Buffer.isBuffer(body) ? body.length : Buffer.byteLength(JSON.stringify(body ?? '')),
  };
}

function textsOf(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, String(value)]),
  );
}

/** Says something now and again a while later, and then nothing until its reader goes. */
function follow(signal: AbortSignal, streams: OpenStreams): Readable {
  return Readable.from(
    (async function* () {
      streams.count += 1;
      try {
        yield 'data: first\n\n';
        await sleep(150, undefined, { signal });
        yield 'data: second\n\n';
        await sleep(60_000, undefined, { signal });
      } catch {
        // Its reader is gone.
      } finally {
        streams.count -= 1;
      }
    })(),
    { objectMode: false },
  );
}
