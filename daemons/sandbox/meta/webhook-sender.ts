import type { Clock } from '../../../lib/core/clock.ts';
import type { Stoppable } from '../../../lib/core/lifecycle.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import { createBoundedList } from '../bounded.ts';
import { escapeAsMeta, hubSignature } from './signing.ts';

export interface SentWebhook {
  readonly id: number;
  readonly at: string;
  readonly object: string;
  attempts: number;
  /** The gateway's last answer; null when none came. */
  status: number | null;
  outcome: 'waiting' | 'delivered' | 'failed' | 'dropped';
}

export interface OutgoingWebhook {
  readonly object: string;
  /** JSON, not yet escaped; ids may stand in it as integers that no number could hold. */
  readonly text: string;
  readonly delayMs?: number | undefined;
}

/** Sends webhooks to the gateway as Meta does: signed, at least once, in no promised order. */
export interface WebhookSender extends Stoppable {
  send(webhook: OutgoingWebhook): void;
  /** One attempt, now; the gateway's status, or null when it did not answer. */
  sendNow(webhook: OutgoingWebhook): Promise<number | null>;
  log(): readonly SentWebhook[];
  reset(): void;
}

export interface WebhookSenderDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly appSecret: string;
  readonly webhookUrl: () => string;
  readonly keepEntries: number;
  readonly maxQueuedWebhooks: number;
}

const CONCURRENCY = 8;
const TIMEOUT_MS = 5_000;
const MOST_ATTEMPTS = 6;
const FIRST_RETRY_MS = 250;

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
  let running = 0;
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
    while (running < CONCURRENCY) {
      const job = ready.shift();
      if (job === undefined) return;
      // Dropped while it waited for its turn.
      if (!waiting.delete(job)) continue;
      running += 1;
      void run(job).finally(() => {
        running -= 1;
        pump();
      });
    }
  }

  async function run(job: Job): Promise<void> {
    const status = await attempt(job.webhook, job.entry);
    if (status !== null && status < 300) return;
    if (job.entry.attempts >= MOST_ATTEMPTS) {
      job.entry.outcome = 'failed';
      deps.log.warn({ webhook: job.entry.id, status }, 'the gateway did not take a webhook');
      return;
    }
    schedule(job, FIRST_RETRY_MS * 2 ** (job.entry.attempts - 1));
  }

  async function attempt(webhook: OutgoingWebhook, entry: SentWebhook): Promise<number | null> {
    entry.attempts += 1;
    entry.status = await post(webhook);
    if (entry.status !== null && entry.status < 300) entry.outcome = 'delivered';
    return entry.status;
  }

  async function post(webhook: OutgoingWebhook): Promise<number | null> {
    const body = escapeAsMeta(webhook.text);
    try {
      const response = await fetch(deps.webhookUrl(), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-hub-signature-256': hubSignature(body, deps.appSecret),
          'user-agent': 'facebookexternalua',
        },
        body,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
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
    reset() {
      clear();
      sent.clear();
    },
    async stop() {
      stopping.abort();
      clear();
    },
  };
}
