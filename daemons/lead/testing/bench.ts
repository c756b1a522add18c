import { z } from 'zod';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { unique } from '../../../lib/testing/factories.ts';
import { anonymous } from '../../../lib/identity/identity.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';
import { leadContract, type LeadContract } from '../contract.ts';
import { createLeadDaemon, type leadSettings } from '../daemon.ts';

export interface LeadBench extends TestBench<LeadContract> {
  /** How often ingestion has refused so far, by reason. */
  refusals(): Promise<Readonly<Record<string, number>>>;
  /** A live key of the client; its value. */
  keyFor(client: { clientId: ClientId }, settings?: KeySettings): Promise<string>;
  /** Posts to the ingestion route as the gateway would. */
  post(body: string | Uint8Array, headers: Record<string, string>): Promise<Response>;
  /** Posts a lead as JSON and reads the answer. */
  postLead(
    key: string,
    lead: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>;
  postBatch(
    key: string,
    leads: readonly unknown[],
  ): Promise<{ status: number; body: Record<string, unknown> }>;
}

export interface KeySettings {
  readonly scopes?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly rateLimitPerMinute?: number;
}

export async function readJson(response: Response): Promise<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(await response.json());
}

/** The lead daemon on a database of its own. */
export async function openLeadBench(
  changes: Partial<z.output<typeof leadSettings>> = {},
): Promise<LeadBench> {
  const bench = await openTestBench({
    contract: leadContract,
    create: (deps, settings) =>
      createLeadDaemon(deps, {
        ...settings,
        INGEST_QUEUE_MAX: 5_000,
        RATE_LIMIT_ANONYMOUS_PER_MINUTE: 600,
        ...changes,
      }),
  });
  const { daemon, db } = bench;
  const post: LeadBench['post'] = (body, headers) =>
    fetch(`${daemon.url}/leads/ingest`, {
      method: 'POST',
      headers: { ...daemon.vouchFor(anonymous), ...headers },
      body,
      redirect: 'manual',
    });
  return {
    ...bench,
    post,
    async refusals() {
      const text = await (await fetch(`${daemon.url}/metrics`)).text();
      const counted = text.matchAll(/leads_refused_total\{[^}]*reason="(\w+)"[^}]*\} (\d+)/g);
      return Object.fromEntries(
        [...counted].map(([, reason = '', count]) => [reason, Number(count)]),
      );
    },
    async keyFor({ clientId }, settings = {}) {
      const key = `t_live_${unique()}${unique()}`;
      await db.query(
        `INSERT INTO client_api_keys (id, client_id, name, key_hash, key_prefix, scopes,
           allowed_origins, rate_limit_per_minute) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          newId(),
          clientId,
          unique(),
          sha256(key),
          key.slice(0, 10),
          JSON.stringify(settings.scopes ?? ['leads:ingest']),
          JSON.stringify(settings.allowedOrigins ?? []),
          settings.rateLimitPerMinute ?? null,
        ],
      );
      return key;
    },
    async postLead(key, lead, headers = {}) {
      const response = await post(JSON.stringify(lead), {
        'content-type': 'application/json',
        'x-api-key': key,
        ...headers,
      });
      return {
        status: response.status,
        body: await readJson(response),
        headers: response.headers,
      };
    },
    async postBatch(key, leads) {
      const response = await fetch(`${daemon.url}/leads/ingest/batch`, {
        method: 'POST',
        headers: {
          ...daemon.vouchFor(anonymous),
          'content-type': 'application/json',
          'x-api-key': key,
        },
        body: JSON.stringify({ leads }),
      });
      return { status: response.status, body: await readJson(response) };
    },
  };
}
