import type { Pool } from 'pg';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import { isRowError } from '../../../lib/db/errors.ts';
import { createMicroBatcher } from '../../../lib/db/micro-batch.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import { verifyWebhook } from '../../../lib/providers/meta/signature.ts';
import { isRecorded } from '../../../lib/telemetry/tracing.ts';
import { constantTimeEqual } from '../../../lib/secrets/tokens.ts';
import { readPost } from './envelope.ts';
import { insertPosts, type IncomingPost } from './store.ts';

export interface ReceiveService {
  /** Meta's handshake: the challenge back, when the token is ours. */
  subscribe(given: {
    mode?: string | undefined;
    token?: string | undefined;
    challenge?: string | undefined;
  }): string | Failure;
  /** Resolves without a failure only after the post is committed. */
  receive(
    body: Buffer,
    signature: string | undefined,
    traceparent: string,
  ): Promise<Failure | undefined>;
  /** Resolves when all that was accepted is settled. */
  drain(): Promise<void>;
}

/** Posts up to this size share commits; a larger one is a batch of its own. */
const SMALL_POST_EVENTS = 20;
const SMALL = { maxInFlight: 2, maxBatch: 50, maxQueue: 2_000 } as const;
const LARGE = { maxInFlight: 2, maxBatch: 1, maxQueue: 64 } as const;

export function createReceiveService(deps: {
  pool: Pool;
  announcer: Announcer;
  appSecret: string;
  verifyToken: string;
}): ReceiveService {
  const run = (posts: readonly IncomingPost[]) => insertPosts(deps.pool, posts);
  const small = createMicroBatcher({ run, isRowError, ...SMALL });
  const large = createMicroBatcher({ run, isRowError, ...LARGE });
  return {
    subscribe({ mode, token, challenge }) {
      const isOurs = token !== undefined && constantTimeEqual(token, deps.verifyToken);
      if (mode === 'subscribe' && isOurs && challenge !== undefined) return challenge;
      return fail(
        'forbidden',
        'The verify token is not the one in META_VERIFY_TOKEN, or this is no subscription.',
      );
    },

    async receive(body, signature, traceparent) {
      if (!verifyWebhook(body, signature, deps.appSecret)) {
        return fail(
          'unauthenticated',
          'X-Hub-Signature-256 does not fit these bytes; META_APP_SECRET has to be the secret of the app that sends.',
        );
      }
      const events = readPost(body);
      const batcher = events.length <= SMALL_POST_EVENTS ? small : large;
      const submitted = await batcher.submit({
        id: newId(),
        body,
        events,
        traceparent: isRecorded(traceparent) ? traceparent : null,
      });
      if (submitted.kind === 'overloaded') {
        return fail('upstream_unavailable', 'Too many posts wait to be stored; send it again.', {
          retryAfterSeconds: 1,
        });
      }
      if (events.some(({ ignored }) => ignored === null))
        deps.announcer.announce('leadctl_webhooks');
      return undefined;
    },

    async drain() {
      await Promise.all([small.drain(), large.drain()]);
    },
  };
}
