import type { Pool } from 'pg';
import { systemClock } from '../../../lib/core/clock.ts';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import { stopAll } from '../../../lib/core/lifecycle.ts';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { createMetaClient } from '../../../lib/providers/meta/client.ts';
import { signWebhook } from '../../../lib/providers/meta/signature.ts';
import { createKeyring } from '../../../lib/secrets/fernet.ts';
import { fingerprint, sealFor } from '../../../lib/secrets/sealed.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { startTestDaemon, type TestDaemon } from '../../../lib/testing/daemon.ts';
import { createTestDatabase } from '../../../lib/testing/database.ts';
import { aClient, openAsOwner } from '../../../lib/testing/factories.ts';
import { createLeadWriter } from '../../lead/jobs.ts';
import { webhookContract, type WebhookContract } from '../contract.ts';
import { createWebhookDaemon } from '../daemon.ts';
import type { Alert, MetaReadingDeps } from '../processing/deps.ts';
import { startFakeGraph, type FakeGraph } from './fake-graph.ts';

export const APP_SECRET = 'the app secret of the tests';
export const VERIFY_TOKEN = 'the verify token of the tests';
const FERNET_KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';

export interface WebhookKit {
  readonly databaseUrl: string;
  readonly owner: Pool;
  readonly graph: FakeGraph;
  readonly daemon: TestDaemon<WebhookContract>;
  /** What reading leads takes, as the worker has it. */
  readonly reading: MetaReadingDeps;
  readonly alerts: Alert[];
  /** Posts a body as Meta does; signed, unless another signature is given. */
  post(body: unknown, signature?: string): Promise<number>;
  /** Stores, or replaces, a client's page access token, as the settings do. */
  setToken(clientId: ClientId, token: string): Promise<void>;
  /** A client with a live token and a source for each page or form given. */
  aMetaClient(given: {
    token?: string;
    sources?: readonly { page: string; form?: string; id?: string }[];
    status?: 'active' | 'suspended';
  }): Promise<ClientId>;
  rows(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** The daemon over HTTP, a database, a fake Graph API, and what a worker would have. */
export async function startWebhookKit(): Promise<WebhookKit> {
  const testDatabase = await createTestDatabase();
  const owner = openAsOwner(testDatabase);
  const graph = await startFakeGraph();
  const keyring = createKeyring([FERNET_KEY]);
  const daemon = await startTestDaemon({
    contract: webhookContract,
    database: testDatabase,
    create: (deps) =>
      createWebhookDaemon(
        { ...deps, createLeadWriter },
        {
          DATABASE_URL: testDatabase.url,
          DATABASE_POOL_MAX: 8,
          META_APP_SECRET: APP_SECRET,
          META_VERIFY_TOKEN: VERIFY_TOKEN,
          FERNET_KEYS: [FERNET_KEY],
          GRAPH_BASE_URL: graph.baseUrl,
          GRAPH_API_VERSION: 'v25.0',
          PROVIDER_TIMEOUT_MS: 1_000,
        },
      ),
  });
  const alerts: Alert[] = [];
  const database: Database = createDatabase({
    url: testDatabase.url,
    role: 'leadctl_worker',
    applicationName: 'test-worker',
    poolMax: 16,
  });
  const meta = createMetaClient({
    baseUrl: graph.baseUrl,
    apiVersion: 'v25.0',
    appSecret: APP_SECRET,
    timeoutMs: 1_000,
  });
  const leads = createLeadWriter({ database, clock: systemClock, announce: () => undefined });
  const log = createLogger({ service: 'test', version: 'test', level: 'silent' });

  const setToken = async (clientId: ClientId, token: string): Promise<void> => {
    const binding = { clientId, field: 'meta.page_access_token' };
    const secret = {
      sealed: sealFor(keyring, binding, token),
      fingerprint: fingerprint(binding, token),
      updated_at: new Date().toISOString(),
    };
    await owner.query(
      `INSERT INTO client_integrations (client_id, config) VALUES ($1, $2)
       ON CONFLICT (client_id) DO UPDATE SET config = excluded.config, updated_at = now()`,
      [clientId, JSON.stringify({ meta: { page_access_token: secret } })],
    );
  };

  return {
    databaseUrl: testDatabase.url,
    owner,
    graph,
    daemon,
    alerts,
    reading: {
      database,
      keyring,
      meta,
      leads,
      log,
      alert: (alert) => alerts.push(alert),
      random: () => 0.999,
    },
    setToken,
    async post(given, signature) {
      const body = typeof given === 'string' ? Buffer.from(given) : asBytes(given);
      const response = await fetch(`${daemon.url}/webhook/meta`, {
        method: 'POST',
        headers: {
          ...daemon.vouchFor({ kind: 'anonymous' }),
          'content-type': 'application/json',
          'x-hub-signature-256': signature ?? signWebhook(body, APP_SECRET),
        },
        body,
      });
      await response.text();
      return response.status;
    },
    async aMetaClient({ token = newId(), sources = [], status = 'active' }) {
      const { clientId } = await aClient(owner, { status });
      graph.tokens.add(token);
      await setToken(clientId, token);
      for (const { page, form, id } of sources) {
        await owner.query(
          'INSERT INTO meta_sources (id, client_id, page_id, form_id) VALUES ($1, $2, $3, $4)',
          [id ?? newId(), clientId, page, form ?? null],
        );
      }
      return clientId;
    },
    async rows(text, values = []) {
      const { rows } = await owner.query(text, [...values]);
      return rows;
    },
    async stop() {
      await stopAll([
        { stop: () => testDatabase.drop() },
        { stop: () => owner.end() },
        { stop: async () => graph[Symbol.asyncDispose]() },
        database,
        { stop: () => meta.close() },
        daemon,
      ]);
    },
  };
}

function asBytes(given: unknown): Buffer {
  return Buffer.isBuffer(given) ? given : Buffer.from(JSON.stringify(given));
}

export interface LeadgenChange {
  readonly leadgen_id: unknown;
  readonly page_id?: string;
  readonly form_id?: unknown;
}

/** A post of lead changes of one page, as Meta packs them. */
export function leadgenPost(changes: readonly LeadgenChange[], object = 'page'): object {
  const entry = {
    id: changes[0]?.page_id ?? '1',
    time: 1_772_366_400,
    changes: changes.map((value) => ({ field: 'leadgen', value })),
  };
  return { object, entry: [entry] };
}
