import { z } from 'zod';
import type { Stoppable } from '../../lib/core/lifecycle.ts';
import { createPool } from '../../lib/db/pool.ts';
import type { Logger } from '../../lib/telemetry/log.ts';
import type { Metrics } from '../../lib/telemetry/metrics.ts';

/** Lanes are many, so they are summed up by kind: no series grows with the clients. */
const LANES = {
  name: 'backlog-lanes',
  text: `SELECT l.kind, count(*) FILTER (WHERE l.held_at IS NOT NULL) AS held,
      COALESCE(sum(d.waiting), 0) AS waiting, COALESCE(max(d.waiting), 0) AS deepest,
      COALESCE(max(d.oldest_s) FILTER (WHERE l.held_at IS NULL), 0) AS oldest_s
    FROM lanes l LEFT JOIN (
      SELECT lane_key, count(*) AS waiting, EXTRACT(EPOCH FROM now() - min(created_at)) AS oldest_s
      FROM deliveries WHERE status IN ('pending', 'retrying') GROUP BY lane_key
    ) d USING (lane_key)
    GROUP BY 1`,
};
const UNKNOWN = {
  name: 'backlog-unknown',
  text: `SELECT kind, count(*) AS unknown FROM deliveries WHERE status = 'unknown' GROUP BY 1`,
};
const OUTBOX = {
  name: 'backlog-outbox',
  text: `SELECT EXTRACT(EPOCH FROM now() - e.created_at) AS lag_s FROM event_cursors c
    JOIN LATERAL (SELECT created_at FROM events e WHERE (e.xid, e.id) > (c.xid, c.id)
      ORDER BY e.xid, e.id LIMIT 1) e ON true
    WHERE c.consumer = 'deliveries'`,
};

const number = z.coerce.number();
const laneRow = z.object({
  kind: z.string(),
  held: number,
  waiting: number,
  deepest: number,
  oldest_s: number,
});
const unknownRow = z.object({ kind: z.string(), unknown: number });
const outboxRow = z.object({ lag_s: number });

/** However often it is asked, the ledger is counted once in so long. */
const FRESH_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 3_000;

/** What waits to be delivered, counted in the ledger when somebody collects metrics. */
export function createBacklog(deps: {
  readonly databaseUrl: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}): Stoppable {
  const pool = createPool(
    {
      url: deps.databaseUrl,
      role: 'leadctl_worker',
      applicationName: 'leadctl-backlog',
      max: 1,
    },
    deps.log,
  );
  const { metrics } = deps;
  const gauge = (name: string, help: string) => metrics.gauge(name, help, ['integration']);
  const waiting = gauge('deliveries_waiting', 'Deliveries that are owed and not sent');
  const deepest = gauge('lane_depth_max', 'Deliveries that wait in the fullest lane');
  const oldest = gauge(
    'delivery_oldest_waiting_seconds',
    'Age of the oldest delivery that waits in a lane that is not held',
  );
  const held = gauge('lanes_held', 'Lanes that are held until somebody repairs their cause');
  const unknown = gauge(
    'deliveries_unknown',
    'Messages of which nobody knows whether they arrived',
  );
  const outbox = metrics.gauge(
    'outbox_lag_seconds',
    'Age of the oldest event that was not turned into deliveries',
    [],
  );

  const count = async (): Promise<void> => {
    const rowsOf = async <Row>(
      statement: { name: string; text: string },
      row: z.ZodType<Row>,
    ): Promise<Row[]> => {
      const query = { ...statement, query_timeout: STATEMENT_TIMEOUT_MS };
      return (await pool.query(query)).rows.map((one) => row.parse(one));
    };
    const lanes = await rowsOf(LANES, laneRow);
    const doubtful = await rowsOf(UNKNOWN, unknownRow);
    const [event] = await rowsOf(OUTBOX, outboxRow);
    for (const one of [waiting, deepest, oldest, held, unknown]) one.reset();
    for (const lane of lanes) {
      const labels = { integration: lane.kind };
      waiting.set(labels, lane.waiting);
      deepest.set(labels, lane.deepest);
      oldest.set(labels, lane.oldest_s);
      held.set(labels, lane.held);
      unknown.set(labels, 0);
    }
    for (const { kind, unknown: many } of doubtful) unknown.set({ integration: kind }, many);
    outbox.set(event?.lag_s ?? 0);
  };

  let countedAtMs = 0;
  let counting: Promise<void> | undefined;
  metrics.beforeCollecting(async () => {
    if (Date.now() - countedAtMs < FRESH_MS) return;
    counting ??= count()
      .then(() => (countedAtMs = Date.now()))
      .catch((error: unknown) => {
        // Old numbers would say that all is well.
        for (const one of [waiting, deepest, oldest, held, unknown, outbox]) one.reset();
        deps.log.warn({ err: error }, 'what waits could not be counted');
      })
      .then(() => (counting = undefined));
    await counting;
  });
  return { stop: () => pool.end() };
}
