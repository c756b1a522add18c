import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../lib/core/clock.ts';
import { createNotificationHub } from '../../lib/db/notifications.ts';
import { createJobs } from '../../lib/jobs/jobs.ts';
import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import { createLeadWriter } from '../lead/jobs.ts';
import { startReconcilingKit, type ReconcilingKit } from './testing/reconciling.ts';
import { createWebhookWorker } from './worker.ts';

const SOON = { interval: 20, timeout: 8_000 };

let kit: ReconcilingKit;
const running: Stoppable[] = [];

beforeAll(async () => {
  kit = await startReconcilingKit();
});
afterAll(async () => {
  await stopAll([kit, ...running]);
});

test('events are worked on and all sources reconciled, with no job for each of them', async () => {
  const { databaseUrl, reading } = kit;
  const { log, keyring, meta } = reading;
  const sources = [];
  for (const form of ['w1', 'w2', 'w3', 'w4', 'w5', 'w6']) sources.push(await kit.aSource(form));
  kit.leadsAt('w6', 2);
  for (const form of ['w1', 'w2', 'w3', 'w4', 'w5']) kit.leadsAt(form, 1);
  const hub = await createNotificationHub({
    url: databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'test',
    log,
  });
  running.push(hub);
  const clock = systemClock;
  const jobs = createJobs({ databaseUrl, hub, log, clock });
  running.push(jobs);
  const worker = createWebhookWorker({
    databaseUrl,
    hub,
    jobs,
    keyring,
    meta,
    createLeadWriter,
    applyWhatsAppWord: async () => 'unknown',
    applyWhatsAppStatus: async () => 'unknown',
    log,
    clock,
  });
  running.push(worker);
  expect(await jobs.start()).toBe('started');
  await worker.start();
  const countOf = async () => (await kit.rows('SELECT count(*)::int AS n FROM leads'))[0]?.['n'];
  await expect.poll(countOf, SOON).toBe(7);

  const page = sources[0]?.page ?? '';
  await kit.notify(page, [kit.aLead({ form_id: 'w1' })]);
  await expect.poll(countOf, SOON).toBe(8);
  expect(await kit.rows('SELECT name FROM agenda_jobs ORDER BY name')).toEqual([
    { name: 'meta.reconcile_all' },
    { name: 'webhook.prune' },
  ]);
}, 30_000);
