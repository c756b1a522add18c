import { once } from 'node:events';
import type { Clock } from '../../lib/core/clock.ts';
import type { Stoppable } from '../../lib/core/lifecycle.ts';
import type { Logger } from '../../lib/telemetry/log.ts';
import { createBoundedList } from '../bounded.ts';
import { postSigned, type OutgoingWebhook, type SigningTarget } from './webhook-post.ts';

export interface SentWebhook {
  readonly id: number;
  readonly at: string;
  readonly object: string;
  attempts: number;
  /** The gateway's last answer; null when none came. */
  status: number | null;
  outcome: 'waiting' | 'delivered' | 'failed' | 'dropped';
}

/** Sends webhooks to the gateway as Meta does: signed, at least once, in no promised order. */
export interface WebhookSender extends Stoppable {
  send(webhook: OutgoingWebhook): void;
  /** One attempt, now; the gateway's status, or null when it did not answer. */
  sendNow(webhook: OutgoingWebhook): Promise<number | null>;
  log(): readonly SentWebhook[];
  /** Forgets what waits, and lets what is under way arrive first. */
  reset(): Promise<void>;
}

export interface WebhookSenderDeps extends SigningTarget {
  readonly clock: Clock;
  readonly log: Logger;
  readonly keepEntries: number;
  readonly maxQueuedWebhooks: number;
}

const CONCURRENCY = 8;
const MOST_ATTEMPTS = 6;
const FIRST_RETRY_MS = 250;
/** How long a reset waits for webhooks under way, so that none arrives after it. */
const RESET_WAIT_MS = 1_000;

interface Job {
  readonly webhook: OutgoingWebhook;
  readonly entry: SentWebhook;
  timer: NodeJS.Timeout | undefined;
}

export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  const sent = createBoundedList<SentWebhook>(deps.keepEntries);
  const waiting = new Set<Job>();
  const ready: Job[] = [];
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let epoch = 0;
  let lastId = 0;

  function newEntry(webhook: OutgoingWebhook): SentWebhook {
    lastId += 1;
    const at = deps.clock().toISOString();
    const { object } = webhook;
    const entry: SentWebhook = {
      id: lastId,
      at,
      object,
      attempts: 0,
      status: null,
      outcome: 'waiting',
    };
    sent.add(entry);
    return entry;
  }

  function schedule(job: Job, delayMs: number): void {
    if (stopping.signal.aborted) return;
    waiting.add(job);
    if (waiting.size > deps.maxQueuedWebhooks) dropOldest();
    job.timer = setTimeout(() => {
      ready.push(job);
      pump();
    }, delayMs);
  }

  function dropOldest(): void {
    for (const job of waiting) {
      clearTimeout(job.timer);
      waiting.delete(job);
      job.entry.outcome = 'dropped';
      deps.log.warn({ webhook: job.entry.id }, 'too many webhooks wait: the oldest is dropped');
      return;
    }
  }

  function pump(): void {
    while (running.size < CONCURRENCY) {
      const job = ready.shift();
      if (job === undefined) return;
      // Dropped while it waited for its turn.
      if (!waiting.delete(job)) continue;
      const work = run(job).finally(() => {
        running.delete(work);
        pump();
      });
      running.add(work);
    }
  }

  async function run(job: Job): Promise<void> {
    const startedIn = epoch;
    const status = await attempt(job.webhook, job.entry);
    if (startedIn !== epoch || (status !== null && status < 300)) return;
    if (job.entry.attempts >= MOST_ATTEMPTS) {
      job.entry.outcome = 'failed';
      deps.log.warn({ webhook: job.entry.id, status }, 'the gateway did not take a webhook');
      return;
    }
    schedule(job, FIRST_RETRY_MS * 2 ** (job.entry.attempts - 1));
  }

  async function attempt(webhook: OutgoingWebhook, entry: SentWebhook): Promise<number | null> {
    entry.attempts += 1;
    entry.status = await postSigned(webhook, deps, stopping.signal);
    if (entry.status !== null && entry.status < 300) entry.outcome = 'delivered';
    return entry.status;
  }

  function clear(): void {
    for (const job of waiting) clearTimeout(job.timer);
    waiting.clear();
    ready.length = 0;
  }

  return {
    send: (webhook) =>
      schedule({ webhook, entry: newEntry(webhook), timer: undefined }, webhook.delayMs ?? 0),
    async sendNow(webhook) {
      const entry = newEntry(webhook);
      const status = await attempt(webhook, entry);
      if (entry.outcome === 'waiting') entry.outcome = 'failed';
      return status;
    },
    log: () => sent.all(),
    async reset() {
      epoch += 1;
      clear();
      const patience = AbortSignal.timeout(RESET_WAIT_MS);
      await Promise.race([Promise.allSettled(running), once(patience, 'abort')]);
      sent.clear();
    },
    async stop() {
      stopping.abort();
      clear();
    },
  };
}
