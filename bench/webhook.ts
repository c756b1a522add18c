import { Agent, request } from 'undici';
import { createLeadWriter } from '../daemons/lead/jobs.ts';
import { createWebhookDaemon } from '../daemons/webhook/daemon.ts';
import { systemClock } from '../lib/core/clock.ts';
import type { ServiceName } from '../lib/contract/route.ts';
import { createNotificationHub } from '../lib/db/notifications.ts';
import { listen } from '../lib/http/server.ts';
import { keysFromSecret } from '../lib/identity/keys.ts';
import { createIdentitySeal, IDENTITY_HEADER } from '../lib/identity/seal.ts';
import { signWebhook } from '../lib/providers/meta/signature.ts';
import { createLogger } from '../lib/telemetry/log.ts';
import { createMetrics } from '../lib/telemetry/metrics.ts';
import type { Bench, Figure } from './bench.ts';
import { percentile, withDatabase } from './harness.ts';

/*
 * Signed posts that are committed before they are answered, on a durable database, the load in the
 * same process: posts of one change, and of as many as Meta packs into one.
 */
const ROUND_MS = Number(process.env['BENCH_ROUND_MS'] ?? 4_000);
const ROUNDS = [
  { name: 'one change', changes: 1, connections: 32 },
  { name: '1000 changes', changes: 1_000, connections: 4 },
] as const;
const APP_SECRET = 'the app secret of the benchmark';

export const bench: Bench = {
  name: 'webhook',
  what: 'Signed posts of Meta, committed before they are answered',
  run: () =>
    withDatabase(async (url) => {
      const { base, identity, stop } = await startDaemon(url);
      const figures: Figure[] = [];
      let failed = 0;
      for (const round of ROUNDS) {
        const { latenciesMs, errors, seconds } = await drive(base, identity, round);
        failed += errors;
        const sorted = latenciesMs.toSorted((a, b) => a - b);
        const perSecond = (sorted.length / seconds) * round.changes;
        figures.push({ name: `changes, ${round.name} a post`, value: perSecond, unit: '/s' });
        figures.push({
          name: `p99, ${round.name} a post`,
          value: percentile(sorted, 0.99),
          unit: 'ms',
        });
      }
      await stop();
      return { figures: [...figures, { name: 'errors', value: failed, unit: '' }] };
    }),
};

async function startDaemon(databaseUrl: string) {
  const log = createLogger({ service: 'webhook', version: 'bench', level: 'warn' });
  const sealOf = (service: ServiceName) =>
    createIdentitySeal({
      keys: keysFromSecret('a secret of the benchmark alone', service),
      clock: systemClock,
    });
  const gateway = sealOf('gateway');
  const hub = await createNotificationHub({
    url: databaseUrl,
    role: 'leadctl_webhook',
    applicationName: 'bench',
    log,
  });
  const daemon = createWebhookDaemon(
    {
      version: 'bench',
      maxBodyBytes: 262_144,
      validateResponses: false,
      hostChecks: {},
      metrics: createMetrics({ service: 'webhook', processMetrics: false }),
      log,
      seal: sealOf('webhook'),
      hub,
      clock: systemClock,
      createLeadWriter,
    },
    {
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_MAX: 4,
      META_APP_SECRET: APP_SECRET,
      META_VERIFY_TOKEN: 'unused here',
      FERNET_KEYS: ['cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4='],
      GRAPH_BASE_URL: 'http://127.0.0.1:9',
      GRAPH_API_VERSION: 'v25.0',
      PROVIDER_TIMEOUT_MS: 1_000,
    },
  );
  const server = await listen(daemon.listener, { port: 0, host: '127.0.0.1' });
  return {
    base: `http://127.0.0.1:${server.port}`,
    identity: () => gateway.seal({ kind: 'anonymous' }, 'webhook'),
    async stop() {
      await server.stop();
      await daemon.stop();
      await hub.stop();
    },
  };
}

async function drive(
  base: string,
  identity: () => string,
  round: { changes: number; connections: number },
) {
  const dispatcher = new Agent({ connections: round.connections });
  const latenciesMs: number[] = [];
  let errors = 0;
  let sequence = 0;
  const startedMs = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - startedMs < ROUND_MS) {
      const body = bodyOf(round.changes, (sequence += 1));
      const sentMs = performance.now();
      const answer = await request(`${base}/webhook/meta`, {
        method: 'POST',
        dispatcher,
        headers: {
          [IDENTITY_HEADER]: identity(),
          'x-hub-signature-256': signWebhook(body, APP_SECRET),
        },
        body,
      });
      await answer.body.dump();
      latenciesMs.push(performance.now() - sentMs);
      if (answer.statusCode !== 200) errors += 1;
    }
  };
  await Promise.all(Array.from({ length: round.connections }, lane));
  const seconds = (performance.now() - startedMs) / 1_000;
  await dispatcher.close();
  return { latenciesMs, errors, seconds };
}

function bodyOf(changes: number, post: number): Buffer {
  const time = 1_772_366_400;
  const value = (index: number) => ({
    created_time: time,
    leadgen_id: `${changes}${String(post).padStart(9, '0')}${String(index).padStart(4, '0')}`,
    page_id: '44444444444',
    form_id: '222222222222222',
    ad_id: '120210000000000000',
    adgroup_id: '120210000000000001',
  });
  const list = Array.from({ length: changes }, (_none, index) => ({
    field: 'leadgen',
    value: value(index),
  }));
  return Buffer.from(
    JSON.stringify({ object: 'page', entry: [{ id: '44444444444', time, changes: list }] }),
  );
}
