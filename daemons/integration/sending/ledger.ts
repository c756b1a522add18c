import type { Pool } from 'pg';
import { z } from 'zod';
import { claimedDelivery, type AttemptResult, type ClaimedDelivery } from './model.ts';
import { tellOf } from './tell.ts';

/**
 * The truth about deliveries: who owes what, who is at it, and what came of it. Each operation is
 * one statement, so one transaction; whoever lost a lease finds that its statement changes nothing.
 */
export interface Ledger {
  /** Takes up to `limit` due deliveries of a lane that `lease` holds, oldest first. */
  claim(laneKey: string, lease: string, limit: number): Promise<ClaimedDelivery[]>;
  /** Writes down what became of attempts; ids of those that were still ours. */
  finish(lease: string, results: readonly AttemptResult[]): Promise<FinishedDelivery[]>;
  /** Puts back what was claimed and not sent, as if it had not been, to be due in `inMs`. */
  putBack(lease: string, ids: readonly string[], inMs: number): Promise<void>;
}

const finishedDelivery = z.object({
  id: z.string(),
  status: z.string(),
  lag_ms: z.coerce.number(),
});
export type FinishedDelivery = z.output<typeof finishedDelivery>;

/** Longer than any call with its reads beforehand; the lane's heartbeat extends it. */
export const LEASE_MS = 30_000;

/**
 * SKIP LOCKED, so that a claim never waits for one who is about to finish; the lane's row is asked
 * again in the same statement, because the lease may have been lost since the last claim.
 */
const CLAIM = `
  WITH due AS (
    SELECT d.id FROM deliveries d
    WHERE d.lane_key = $1 AND d.status IN ('pending', 'retrying') AND d.next_attempt_at <= now()
      AND EXISTS (SELECT FROM lanes l WHERE l.lane_key = $1 AND l.lease = $2
        AND l.leased_until > now() AND l.held_at IS NULL
        AND (l.paused_until IS NULL OR l.paused_until <= now()))
    ORDER BY d.next_attempt_at, d.id LIMIT $3
    FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE deliveries d SET status = 'delivering', lease = $2,
      leased_until = now() + $4 * interval '1 millisecond', attempts = d.attempts + 1,
      round_attempts = d.round_attempts + 1, round_started_at = COALESCE(d.round_started_at, now()),
      next_attempt_at = NULL, provider_status = NULL, provider_reference = NULL, updated_at = now()
    FROM due WHERE d.id = due.id
    RETURNING d.*
  ), attempted AS (
    INSERT INTO delivery_attempts (client_id, delivery_id, number)
    SELECT client_id, id, attempts FROM claimed
  )
  SELECT c.id, c.attempts AS attempt, c.round_attempts AS round_attempt, c.is_doubtful, c.created_at,
    EXTRACT(EPOCH FROM now() - c.round_started_at) * 1000 AS round_age_ms, v.settings,
    jsonb_build_object('id', l.id, 'name', l.name, 'email', l.email, 'phone', l.phone,
      'phone_valid', l.phone_valid, 'source', l.source, 'status', l.status, 'product', p.name,
      'lead_reference_id', l.lead_reference_id, 'raw_payload', l.raw_payload,
      'created_at', l.created_at, 'is_erased', l.erased_at IS NOT NULL) AS lead
  FROM claimed c
  JOIN leads l ON l.client_id = c.client_id AND l.id = c.lead_id
  JOIN client_integration_versions v ON v.client_id = c.client_id AND v.version = c.settings_version
  LEFT JOIN products p ON p.id = l.product_id
  ORDER BY l.id`;

/** Statuses that a webhook told and that say that a message went out. */
const WENT_OUT = `('sent', 'delivered', 'read')`;

/**
 * A status webhook may have come while the call was under way: once it says that a message of this
 * delivery went out, whatever attempt it was, no other is ever sent. A late success is taken as well
 * when the attempt was given up meanwhile, for it settles the doubt. What may have gone through and
 * failed for good stays doubtful, so that whoever starts it anew looks first.
 */
const FINISH = `
  WITH result AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, attempt integer, status text,
      outcome text, is_doubtful boolean, next_in_ms double precision, code text, message text,
      reference text, provider_status text, duration_ms integer, request jsonb)
  ), known AS (
    SELECT d.id, r.attempt, r.outcome, r.code, r.message, r.duration_ms, r.request, r.reference,
      r.next_in_ms, r.provider_status, d.provider_status AS heard,
      CASE WHEN d.provider_status IN ${WENT_OUT} THEN 'delivered' ELSE r.status END AS status,
      r.is_doubtful
    FROM result r JOIN deliveries d ON d.id = r.id
    WHERE d.lease = $1 OR (r.status = 'delivered' AND d.lease IS NULL AND d.is_doubtful
      AND d.attempts = r.attempt AND d.status IN ('unknown', 'retrying'))
    ORDER BY d.id FOR UPDATE OF d
  ), changed AS (
    UPDATE deliveries d SET status = k.status, lease = NULL, leased_until = NULL,
      is_doubtful = k.is_doubtful AND k.status <> 'delivered',
      next_attempt_at = CASE WHEN k.status IN ('retrying', 'unknown')
        THEN now() + COALESCE(k.next_in_ms, 0) * interval '1 millisecond' END,
      last_error_code = CASE WHEN k.status <> 'delivered' THEN k.code END,
      last_error_message = CASE WHEN k.status <> 'delivered' THEN k.message END,
      provider_reference = COALESCE(k.reference, d.provider_reference),
      provider_status = COALESCE(k.heard, k.provider_status),
      delivered_at = CASE WHEN k.status = 'delivered' THEN now() ELSE d.delivered_at END,
      updated_at = now()
    FROM known k WHERE d.id = k.id
    RETURNING d.*
  ), closed AS (
    UPDATE delivery_attempts a SET finished_at = now(), duration_ms = k.duration_ms,
      outcome = k.outcome, code = k.code, message = k.message, request = k.request
    FROM known k WHERE a.delivery_id = k.id AND a.number = k.attempt
  ), told AS (${tellOf('changed')})
  SELECT id, status, EXTRACT(EPOCH FROM now() - created_at) * 1000 AS lag_ms FROM changed`;

const PUT_BACK = `
  WITH back AS (
    UPDATE deliveries SET
      status = CASE WHEN provider_status IN ${WENT_OUT} THEN 'delivered'
        WHEN attempts > 1 THEN 'retrying' ELSE 'pending' END,
      lease = NULL, leased_until = NULL, attempts = attempts - 1, round_attempts = round_attempts - 1,
      next_attempt_at = CASE WHEN provider_status IN ${WENT_OUT} THEN NULL
        ELSE now() + $3 * interval '1 millisecond' END,
      updated_at = now()
    WHERE lease = $1 AND id = ANY ($2::uuid[])
    RETURNING *
  ), told AS (
    ${tellOf(`(SELECT * FROM back WHERE status = 'delivered') AS confirmed`)}
  )
  DELETE FROM delivery_attempts a USING back
  WHERE a.delivery_id = back.id AND a.number = back.attempts + 1`;

export function createLedger(pool: Pool): Ledger {
  return {
    async claim(laneKey, lease, limit) {
      const { rows } = await pool.query({
        name: 'claim-deliveries',
        text: CLAIM,
        values: [laneKey, lease, limit, LEASE_MS],
      });
      return rows.map((row) => claimedDelivery.parse(row));
    },
    async finish(lease, results) {
      const { rows } = await pool.query({
        name: 'finish-deliveries',
        text: FINISH,
        values: [lease, JSON.stringify(results)],
      });
      return rows.map((row) => finishedDelivery.parse(row));
    },
    async putBack(lease, ids, inMs) {
      if (ids.length === 0) return;
      await pool.query({
        name: 'put-back-deliveries',
        text: PUT_BACK,
        values: [lease, ids, inMs],
      });
    },
  };
}
