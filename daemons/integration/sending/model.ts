import { z } from 'zod';
import type { DeliveryStatus, Outcome } from '../deliveries/shapes.ts';

/** A lead as a delivery needs it. */
export const leadFacts = z.object({
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  phone_valid: z.boolean().nullable(),
  source: z.string(),
  status: z.string(),
  product: z.string().nullable(),
  lead_reference_id: z.string().nullable(),
  created_at: z.coerce.date(),
  is_erased: z.boolean(),
});
/** A delivery that this worker claimed: its attempt is counted and on record before anything is sent. */
export const claimedDelivery = z.object({
  id: z.string(),
  /** All attempts ever; the number of this one's row. */
  attempt: z.int(),
  /** Attempts since the delivery was last started by hand or released. */
  round_attempt: z.int(),
  round_age_ms: z.coerce.number(),
  is_doubtful: z.boolean(),
  /** Why it is owed. */
  occasion: z.string(),
  settings_version: z.int(),
  /** Of the destination, as they were when it was made; its kind reads them. */
  settings: z.unknown(),
  lead: leadFacts,
  /** What the form sent, as JSON text: parsed, it would lose digits, and may be too deep. */
  payload: z.string(),
});
export type ClaimedDelivery = z.output<typeof claimedDelivery>;

/** What became of one attempt, as the ledger writes it down. */
export interface AttemptResult {
  readonly id: string;
  readonly attempt: number;
  readonly status: Exclude<DeliveryStatus, 'pending' | 'delivering'>;
  readonly outcome: Outcome;
  readonly is_doubtful: boolean;
  /** It is to be claimed alone from now on: what was sent with it may have been refused for its sake. */
  readonly is_alone?: boolean;
  /** Until the next attempt, or until somebody should look at an unknown one. */
  readonly next_in_ms: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly reference: string | null;
  readonly provider_status: string | null;
  readonly duration_ms: number | null;
  readonly request: Readonly<Record<string, unknown>> | null;
}

export const laneRow = z.object({
  lane_key: z.string(),
  client_id: z.string(),
  destination_id: z.string(),
  /** The destination's. */
  name: z.string(),
  kind: z.string(),
  account: z.string(),
});
export type Lane = z.output<typeof laneRow>;
