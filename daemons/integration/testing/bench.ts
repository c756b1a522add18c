import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { providerSettings } from '../../../lib/core/config.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { connectionOptions } from '../../../lib/db/connection.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import { allClients, clientScope } from '../../../lib/db/scope.ts';
import { inUnit, onPool, type RunStatement } from '../../../lib/db/statement.ts';
import { createProviderClients, type ProviderClients } from '../../../lib/providers/clients.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { createMetrics } from '../../../lib/telemetry/metrics.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import { createDeliveryService } from '../deliveries/service.ts';
import { lockDestination, removeDestination, saveDestination } from '../destinations/store.ts';
import { fanOut } from '../sending/fan-out.ts';
import { followSettings } from '../sending/follow-settings.ts';
import { createLaneWorker } from '../sending/lane.ts';
import { createDeliveryMetrics } from '../sending/metrics.ts';
import { sweep } from '../sending/sweeper.ts';
import { disable } from '../sending/transitions/disable.ts';
import { skipRemoved } from '../sending/transitions/skip-removed.ts';
import { KINDS } from '../kinds/index.ts';
import { destinationId, type DeliveryKit } from './kit.ts';
import { createMortal, type Fate, type Mortal } from './mortal.ts';

const CALL_MS = 150;
export const MOST_A_DAY = 5;
const quiet = { announce: () => undefined, stop: async () => undefined };

/** What happens around a worker's statement of this name. */
export type Around = <T>(name: string, act: () => Promise<T>) => Promise<T>;

/** Workers that a test runs step by step, and time and people that act when it says so. Ends the clients, too. */
export function createBench(kit: DeliveryKit, providers = clientsOf(kit)) {
  const as = (role: 'leadctl_worker' | 'leadctl_integration') =>
    ({ url: kit.url, role, applicationName: 'test' }) as const;
  const pool = new Pool({ ...connectionOptions(as('leadctl_worker')), max: 6 });
  const worker = createDatabase({ ...as('leadctl_worker'), poolMax: 3 });
  const app = createDatabase({ ...as('leadctl_integration'), poolMax: 3 });
  const log = createLogger({ service: 'worker', version: 'test', level: 'silent' });
  // Hours pass between two looks at it, so that no rate keeps anybody waiting.
  let hours = 0;
  const clock = () => new Date((hours += 1) * 3_600_000);
  const asleep: { readonly mortal: Mortal; readonly work: Promise<void> }[] = [];
  const actor = { identity: asAdmin(), call: { requestId: 'test', ip: '127.0.0.1' } };

  return {
    pool,
    worker,
    app,
    actor,
    deliveries: createDeliveryService({ database: app, announcer: quiet, kinds: KINDS }),

    /** Works a lane until it is empty, or its worker's fate is fulfilled. */
    async work(laneKey: string, fate: Fate, around: Around = (_name, act) => act()): Promise<void> {
      const onDatabase = onPool(pool);
      const run: RunStatement = (statement, values) =>
        around(statement.name, () => onDatabase(statement, values));
      const mortal = createMortal(run, fate);
      const workLane = createLaneWorker({
        run: mortal.run,
        messagesADay: MOST_A_DAY,
        announcer: quiet,
        metrics: createDeliveryMetrics(createMetrics({ service: 'worker', processMetrics: false })),
        log,
        account: { pool, keyring: kit.keyring, kinds: KINDS, clock },
        work: new Map(
          [...KINDS.values()].map((kind) => [
            kind.kind,
            kind.createWork({ clients: providers, clock, messagesADay: MOST_A_DAY }),
          ]),
        ),
        wakeLater: async () => undefined,
      });
      const work = workLane(laneKey, new AbortController().signal).catch(() => undefined);
      await Promise.race([work, mortal.gone]);
      if (fate.kind === 'sleeps') asleep.push({ mortal, work });
    },

    /** Whoever fell asleep goes on where it was. */
    async wakeAll(): Promise<void> {
      const woken = asleep.splice(0);
      for (const { mortal } of woken) mortal.wake();
      await Promise.all(woken.map(({ work }) => work));
    },

    /** New leads with their deliveries, `each` of them. */
    async leads(
      clientId: string,
      count: number,
      each: number,
      over: Record<string, unknown> = {},
    ): Promise<readonly string[]> {
      const { ids } = await kit.leads(clientId, count, over);
      const made = () => kit.deliveries('lead_id = ANY($1)', [ids]);
      // Events hide behind the oldest transaction of the server, which may be another test's.
      await kit.until(async () => {
        await fanOut(worker, KINDS);
        return (await made()).length === count * each;
      }, 20_000);
      return ids;
    },

    /** Leases are over, and so is every wait. */
    async timePasses(clientId: string): Promise<void> {
      await kit.pool.query(
        `UPDATE lanes SET leased_until = now() - interval '1 second', paused_until = NULL,
           recheck_at = CASE WHEN recheck_at IS NOT NULL THEN now() END WHERE client_id = $1`,
        [clientId],
      );
      await kit.pool.query(
        `UPDATE deliveries SET leased_until = CASE WHEN lease IS NOT NULL
             THEN now() - interval '1 second' END,
           next_attempt_at = CASE WHEN status IN ('pending', 'retrying')
             THEN LEAST(next_attempt_at, now()) ELSE next_attempt_at END WHERE client_id = $1`,
        [clientId],
      );
      await sweep(worker, KINDS);
    },

    /** Somebody saves the settings anew and switches the destination on, if it is still there. */
    async repair(clientId: string, name: 'whatsapp' | 'google_sheets'): Promise<void> {
      const scope = clientScope(clientIdSchema.parse(clientId));
      await app.inTransaction(scope, async (unit) => {
        const destination = await lockDestination(unit, destinationId(clientId, name));
        if (destination === undefined) return;
        const on = { enabled: true, disabled_code: null, disabled_message: null };
        const next = { ...destination, ...on, version: destination.version + 1 };
        await saveDestination(unit, next);
        await followSettings(unit, KINDS, next);
      });
    },

    /** A receiver wants nothing more; resolves to whether it was on. */
    disable: (clientId: string, name: 'whatsapp' | 'google_sheets'): Promise<boolean> =>
      worker.inTransaction(allClients('a test'), (unit) =>
        disable(inUnit(unit), destinationId(clientId, name), {
          code: 'http_410',
          message: 'The receiver is gone.',
        }),
      ),

    /** Somebody removes the destination. */
    async remove(clientId: string, name: 'whatsapp' | 'google_sheets'): Promise<void> {
      const id = destinationId(clientId, name);
      await app.inTransaction(clientScope(clientIdSchema.parse(clientId)), async (unit) => {
        if ((await lockDestination(unit, id)) === undefined) return;
        await removeDestination(unit, id, new Date());
        await skipRemoved(inUnit(unit), { destinationId: id, most: 1_000 });
      });
    },

    async stop(): Promise<void> {
      // Calls of those that died are let out.
      await sleep(CALL_MS * 2);
      await providers.stop();
      await worker.stop();
      await app.stop();
      await pool.end();
    },
  };
}

export type Bench = ReturnType<typeof createBench>;

function clientsOf(kit: DeliveryKit): ProviderClients {
  return createProviderClients({
    ...providerSettings.parse({
      GRAPH_BASE_URL: kit.providers.baseUrl,
      WHATSAPP_BASE_URL: kit.providers.baseUrl,
      GOOGLE_SHEETS_BASE_URL: kit.providers.baseUrl,
      GOOGLE_TOKEN_URL: `${kit.providers.baseUrl}/token`,
      PROVIDER_TIMEOUT_MS: CALL_MS,
    }),
    META_APP_SECRET: 'a meta app secret',
  });
}
