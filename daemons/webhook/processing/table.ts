import { freshRound } from '../../../lib/queue/fresh-round.ts';
import type { QueueTable } from '../../../lib/queue/table.ts';

/**
 * Leads are fetched from Meta, which may take long; statuses are ours alone and wait for nobody; a person's
 * word waits for neither, since until it counts they may be written to.
 */
export type Lane = 'leads' | 'statuses' | 'words';
export const QUEUE_LANES = ['words', 'leads', 'statuses'] as const satisfies readonly Lane[];

export const EVENTS: QueueTable = {
  name: 'webhook_events',
  row: 'e',
  fresh: 'received',
  again: 'retrying',
  claimed: 'processing',
  roundAttempts: 'attempts',
};

/** Each as the index of its lane has it. */
export const IN_LANE = {
  leads: 'e.leadgen_id IS NOT NULL',
  statuses: "e.leadgen_id IS NULL AND NOT jsonb_exists(e.value, 'word')",
  words: "e.leadgen_id IS NULL AND jsonb_exists(e.value, 'word')",
} as const satisfies Record<Lane, string>;

/** What it waited for has come: it goes on at once, and nothing of what went wrong counts any more. */
export const GO_ON = `${freshRound(EVENTS)}, next_attempt_at = now(), last_error_code = NULL,
  last_error_message = NULL, held_by = NULL`;
