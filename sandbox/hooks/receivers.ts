import { Webhook } from 'standardwebhooks';
import { createBoundedList, createBoundedMap } from '../bounded.ts';
import type { ProviderCall, ProviderEndpoint } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { Clock } from '../../lib/core/clock.ts';

/** A webhook that one of the emulated receivers took or turned away. */
export interface ReceivedHook {
  /** The receiver's name: the last part of its address. */
  readonly name: string;
  /** `webhook-id`: the same for every attempt. */
  readonly id: string | null;
  /** Whether the signature was right; null where the receiver knows no secret. */
  readonly verified: boolean | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: string;
}

export interface HookReceivers {
  /** From then on a message to `name` has to be signed with this secret. */
  expect(name: string, secret: string): void;
  take(name: string, call: ProviderCall): ReceivedHook;
  all(): readonly ReceivedHook[];
  clear(): void;
}

const MOST_RECEIVERS = 100;

export function createHookReceivers(deps: { clock: Clock; keepEntries: number }): HookReceivers {
  const secrets = createBoundedMap<string>(MOST_RECEIVERS);
  const received = createBoundedList<ReceivedHook>(deps.keepEntries);
  return {
    expect: (name, secret) => secrets.set(name, secret),
    take(name, { headers, body }) {
      const text = body.toString('utf8');
      const hook = {
        name,
        id: headers['webhook-id'] ?? null,
        verified: verify(secrets.get(name), text, headers),
        headers,
        body: text,
        at: deps.clock().toISOString(),
      };
      received.add(hook);
      return hook;
    },
    all: () => received.all(),
    clear() {
      secrets.clear();
      received.clear();
    },
  };
}

/** By the specification's own library, so that our signing is not checked by our signing. */
function verify(
  secret: string | undefined,
  body: string,
  headers: Readonly<Record<string, string>>,
): boolean | null {
  if (secret === undefined) return null;
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}

/** `POST /hooks/{name}`: a receiver of webhooks for each name. */
export function hookEndpoint(deps: {
  hooks: HookReceivers;
  changed: () => void;
}): ProviderEndpoint {
  return {
    method: 'POST',
    path: '/hooks/:name',
    provider: 'webhook',
    operation: 'hook',
    subject: 'name',
    handle(call): ProviderReply {
      const { verified } = deps.hooks.take(call.params['name'] ?? '', call);
      deps.changed();
      return verified === false
        ? { status: 401, body: { error: 'the signature is wrong' } }
        : { status: 200, body: { ok: true } };
    },
  };
}
