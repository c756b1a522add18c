import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { systemClock } from '../../../lib/core/clock.ts';
import { newId } from '../../../lib/core/ids.ts';
import { createNotificationHub } from '../../../lib/db/notifications.ts';
import { keysFromSecret } from '../../../lib/identity/keys.ts';
import { createIdentitySeal } from '../../../lib/identity/seal.ts';
import { makeFakeAccount } from '../../../lib/providers/testing/fake-google.ts';
import { createKeyring } from '../../../lib/secrets/fernet.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { createMetrics } from '../../../lib/telemetry/metrics.ts';
import { createTestDatabase } from '../../../lib/testing/database.ts';
import { createWorkerDaemon, workerSettings } from '../../worker/daemon.ts';
import { SHOWN_COLUMNS } from '../deliveries/shown.ts';
import { seal } from '../destinations/secrets.ts';
import { KINDS } from '../kinds/index.ts';
import type { Kinds } from '../kinds/kind.ts';
import { startFakeProviders } from './fake-providers.ts';

export const FERNET_KEY = randomBytes(32)
  .toString('base64')
  .replaceAll('+', '-')
  .replaceAll('/', '_');

const { account } = makeFakeAccount();
export const SERVICE_ACCOUNT = JSON.stringify({
  type: 'service_account',
  client_email: account.email,
  private_key: account.privateKey,
});

/** The same for the same name, so that a test can say which lane it means. */
export function destinationId(clientId: string, name: string): string {
  const digest = createHash('sha256').update(`${clientId} ${name}`).digest('hex');
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `7${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}

/** The lane of one of the kit's clients: its number's, or its sheet's. */
export function laneKeyOf(clientId: string, name: 'whatsapp' | 'google_sheets'): string {
  const account = name === 'whatsapp' ? `number-${clientId}` : `sheet-${clientId}`;
  return `${destinationId(clientId, name)}/${account}`;
}

interface GivenDestination {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly on?: readonly string[];
}

/** Deliveries as the API shows them: held while their lane is. */
const SHOWN = `SELECT deliveries.id, deliveries.client_id, lead_id, deliveries.kind, attempts,
  is_doubtful, provider_reference, provider_status, settings_version, deliveries.lane_key,
  delivered_at, losses, is_trial, ${SHOWN_COLUMNS}
  FROM deliveries JOIN lanes ON lanes.lane_key = deliveries.lane_key`;

export interface DeliveryRow {
  readonly id: string;
  readonly lead_id: string;
  readonly lane_key: string;
  readonly kind: string;
  readonly status: string;
  readonly attempts: number;
  readonly is_doubtful: boolean;
  readonly last_error_code: string | null;
  readonly last_error_message: string | null;
  readonly provider_reference: string | null;
  readonly provider_status: string | null;
  readonly next_attempt_at: Date | null;
}

/** A database with clients, providers that can be told to misbehave, and workers on them. */
export async function startDeliveryKit() {
  const database = await createTestDatabase();
  const pool = new Pool({ connectionString: database.url, max: 4 });
  const providers = await startFakeProviders();
  const keyring = createKeyring([FERNET_KEY]);
  const stops: (() => Promise<void>)[] = [];
  let phones = 0;
  /** Of nobody else: what one number is sent counts together. */
  const nextPhone = (): string => {
    phones += 1;
    return `+49151${10_000_000 + phones}`;
  };

  const deliveries = async (where = 'TRUE', values: readonly unknown[] = []) =>
    (
      await pool.query<DeliveryRow>(`SELECT * FROM (${SHOWN}) d WHERE ${where} ORDER BY id`, [
        ...values,
      ])
    ).rows;

  return {
    url: database.url,
    pool,
    providers,
    keyring,
    deliveries,

    /** A client whose leads go to WhatsApp and a sheet, as the providers' doubles know them. */
    async client(clientId: string, over: { whatsapp?: boolean; sheets?: boolean } = {}) {
      await pool.query(`INSERT INTO clients (client_id, name) VALUES ($1, $1)`, [clientId]);
      await this.destination(clientId, 'whatsapp', {
        enabled: over.whatsapp ?? true,
        settings: {
          phone_number_id: `number-${clientId}`,
          recipient: 'lead',
          template: { name: 'new_lead', language: 'en_US', parameters: [{ field: 'name' }] },
        },
        secrets: { access_token: 'token' },
      });
      await this.destination(clientId, 'google_sheets', {
        enabled: over.sheets ?? true,
        settings: { spreadsheet_id: `sheet-${clientId}` },
        secrets: { service_account: SERVICE_ACCOUNT },
      });
    },

    /** A destination, named as its kind unless told. */
    async destination(clientId: string, kind: string, given: GivenDestination): Promise<string> {
      const { name = kind, settings, enabled = true } = given;
      const place = { id: destinationId(clientId, name), kind, client_id: clientId };
      const now = new Date();
      const secrets = Object.fromEntries(
        Object.entries(given.secrets ?? {}).map(([field, secret]) => [
          field,
          seal(keyring, place, field, secret, now),
        ]),
      );
      await pool.query(
        `INSERT INTO destinations (id, client_id, name, kind, enabled, settings, secrets, filter, occasions)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          place.id,
          clientId,
          name,
          kind,
          enabled,
          settings,
          secrets,
          given.filter ?? {},
          given.on ?? ['lead.created'],
        ],
      );
      await pool.query(
        `INSERT INTO destination_versions (client_id, destination_id, version, settings)
         VALUES ($1, $2, 1, $3)`,
        [clientId, place.id, settings],
      );
      return place.id;
    },

    /** Commits leads with their events, as ingestion does, and says so. */
    async leads(clientId: string, count: number, over: Record<string, unknown> = {}) {
      const lead = {
        name: 'Ada',
        phone: '+4915123456789',
        phone_valid: true,
        status: 'new',
        ...over,
      };
      const ids = Array.from({ length: count }, newId);
      const phones = ids.map(() => ('phone' in over ? over['phone'] : nextPhone()));
      await pool.query(
        `WITH made AS (
           INSERT INTO leads (id, client_id, name, phone, phone_valid, source, status, raw_payload,
             created_at, updated_at)
           SELECT id, $2, $4, phone, $5, 'website', $6, '{"city": "=Berlin"}', now(), now()
           FROM unnest($1::uuid[], $3::text[]) AS t(id, phone) RETURNING id)
         INSERT INTO events (client_id, lead_id, kind) SELECT $2, id, 'lead.created' FROM made`,
        [ids, clientId, phones, lead.name, lead.phone_valid, lead.status],
      );
      const committedAtMs = Date.now();
      await pool.query('NOTIFY leadctl_events');
      return { ids, committedAtMs };
    },

    /** A worker daemon; several may run at a time. */
    async worker(over: { timeoutMs?: number; fernetKeys?: readonly string[]; kinds?: Kinds } = {}) {
      const log = createLogger({
        service: 'worker',
        version: 'test',
        level: process.env['TEST_LOG'] ?? 'silent',
      });
      const hub = await createNotificationHub({
        url: database.url,
        role: 'leadctl_worker',
        applicationName: 'leadctl-test',
        log,
      });
      const metrics = createMetrics({ service: 'worker', processMetrics: false });
      const daemon = createWorkerDaemon(
        {
          version: 'test',
          maxBodyBytes: 262_144,
          validateResponses: true,
          metrics,
          log,
          seal: createIdentitySeal({
            keys: keysFromSecret('only this test knows it', 'worker'),
            clock: systemClock,
          }),
          clock: systemClock,
          hub,
          hostChecks: {},
        },
        workerSettings.parse({
          DATABASE_URL: database.url,
          FERNET_KEYS: (over.fernetKeys ?? [FERNET_KEY]).join(','),
          META_APP_SECRET: 'a meta app secret',
          WHATSAPP_BASE_URL: providers.baseUrl,
          GRAPH_BASE_URL: providers.baseUrl,
          GOOGLE_SHEETS_BASE_URL: providers.baseUrl,
          GOOGLE_TOKEN_URL: `${providers.baseUrl}/token`,
          PROVIDER_TIMEOUT_MS: over.timeoutMs ?? 2_000,
        }),
        over.kinds ?? KINDS,
      );
      let isStopped = false;
      const stop = async (): Promise<void> => {
        if (isStopped) return;
        isStopped = true;
        await daemon.stop();
        await hub.stop();
      };
      stops.push(stop);
      return { stop, listener: daemon.listener, metrics };
    },

    /** Waits until `done` holds; fails with what it last saw. */
    async until(done: () => Promise<boolean> | boolean, withinMs = 10_000): Promise<void> {
      const endMs = Date.now() + withinMs;
      while (!(await done())) {
        if (Date.now() > endMs) {
          const rows = await deliveries();
          const counts = Object.groupBy(rows, ({ kind, status, last_error_code: code }) =>
            [kind, status, code ?? ''].join(' ').trim(),
          );
          const found = Object.entries(counts).map(([what, of]) => `${of?.length} ${what}`);
          throw new Error(
            `not within ${withinMs} ms: ${found.join(', ')}; ${JSON.stringify(rows, null, 1).slice(0, 3_000)}`,
          );
        }
        await sleep(20);
      }
    },

    async stopWorkers() {
      for (const stop of stops.splice(0)) await stop();
    },

    async drop() {
      for (const stop of stops.splice(0)) await stop();
      await providers[Symbol.asyncDispose]();
      await pool.end();
      await database.drop();
    },
  };
}

export type DeliveryKit = Awaited<ReturnType<typeof startDeliveryKit>>;
