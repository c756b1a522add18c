import type { Pool } from 'pg';
import { z } from 'zod';
import type { SpanAttributes, Tracing } from '../../../lib/telemetry/tracing.ts';
import type { AttemptResult } from './model.ts';

export interface DeliveryTraces {
  /** Tells of attempts that are over, as parts of the traces in which their leads came. Never throws. */
  ended(kind: string, results: readonly AttemptResult[]): void;
}

const row = z.object({
  id: z.string(),
  traceparent: z.string(),
  lead_at: z.coerce.date(),
  owed_at: z.coerce.date(),
});

const TRACED = {
  name: 'traced-deliveries',
  text: `SELECT d.id, l.traceparent, l.created_at AS lead_at, d.created_at AS owed_at
    FROM deliveries d JOIN leads l ON l.id = d.lead_id
    WHERE d.id = ANY($1::uuid[]) AND l.traceparent IS NOT NULL`,
};

/**
 * A delivery's spans are made once its attempt is over, from the times that the ledger has: between a
 * form's post and a provider's call lie two processes and a database, and nothing waits for a trace.
 */
export function createDeliveryTraces(deps: {
  readonly pool: Pool;
  readonly tracing: Tracing;
  readonly onError: (error: unknown) => void;
}): DeliveryTraces {
  const tell = async (kind: string, results: readonly AttemptResult[]): Promise<void> => {
    const endedAtMs = Date.now();
    const ids = results.map(({ id }) => id);
    const { rows } = await deps.pool.query({ ...TRACED, values: [ids] });
    const found = new Map(rows.map((one) => row.parse(one)).map((one) => [one.id, one]));
    for (const result of results) {
      const delivery = found.get(result.id);
      if (delivery) tellOne(deps.tracing, { kind, result, delivery, endedAtMs });
    }
  };
  return {
    ended(kind, results) {
      tell(kind, results).catch(deps.onError);
    },
  };
}

interface Ended {
  readonly kind: string;
  readonly result: AttemptResult;
  readonly delivery: z.output<typeof row>;
  readonly endedAtMs: number;
}

function tellOne(tracing: Tracing, { kind, result, delivery, endedAtMs }: Ended): void {
  const attributes: SpanAttributes = {
    'leadctl.delivery': result.id,
    'leadctl.kind': kind,
    'leadctl.attempt': result.attempt,
  };
  const owedAtMs = delivery.owed_at.getTime();
  const span = (name: string, parent: string, fromMs: number, toMs: number) => {
    const started = tracing.start(name, { kind: 'consumer', parent, atMs: fromMs, attributes });
    started.end({ atMs: toMs });
    return started.traceparent;
  };
  const calledAtMs = Math.max(owedAtMs, endedAtMs - (result.duration_ms ?? 0));
  // Only the first attempt waited for the fan-out.
  const isFirst = result.attempt === 1;
  if (isFirst) span('lead.fan_out', delivery.traceparent, delivery.lead_at.getTime(), owedAtMs);
  const lane = span('delivery.lane', delivery.traceparent, owedAtMs, endedAtMs);
  const call = tracing.start(`${kind} call`, {
    kind: 'client',
    parent: lane,
    atMs: calledAtMs,
    attributes: { ...attributes, 'leadctl.outcome': result.outcome },
  });
  const isGood = result.status === 'delivered' || result.status === 'skipped';
  call.end({ atMs: endedAtMs, ...(isGood ? {} : { error: result.code ?? result.outcome }) });
}
