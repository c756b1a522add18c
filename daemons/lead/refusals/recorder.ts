import type { SecurityLog } from '../../../lib/audit/security.ts';
import { createTally, type Counted } from '../../../lib/audit/tally.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { Stoppable } from '../../../lib/core/lifecycle.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope } from '../../../lib/db/scope.ts';
import { networkOf } from '../../../lib/http/network.ts';
import type { Metrics } from '../../../lib/telemetry/metrics.ts';
import type { OnRefused, RefusedPost } from './hook.ts';
import { addRefusals, type RefusalCount } from './store.ts';

export interface RefusalRecorder extends Stoppable {
  readonly onRefused: OnRefused;
  /** Writes what is counted, for whoever cannot wait for the next time. */
  flush(): Promise<void>;
}

const FLUSH_MS = 3_000;
/** Kinds that are told apart for one client within a minute, so rows that it can be made to fill. */
const MOST_PER_CLIENT = 100;
const MOST_ENTRIES = 10_000;

type Kind = Omit<RefusalCount, 'minute' | 'count' | 'last_at'>;

/** Counts what ingestion refuses: by key for the client, and in the audit log for whoever watches over all. */
export function createRefusalRecorder(deps: {
  /** Under ingestion's login, which writes for whichever client a key belongs to. */
  database: Database;
  security: SecurityLog;
  metrics: Metrics;
  clock: Clock;
  onError: (error: unknown) => void;
}): RefusalRecorder {
  const seen = deps.metrics.counter('leads_refused_total', 'Posts of leads that were not taken', [
    'reason',
  ]);
  const dropped = deps.metrics.counter(
    'leads_refused_dropped_total',
    'Refused posts that are missing in the clients’ counts because there were too many kinds at once',
    [],
  );
  const tally = createTally<Kind>({
    keyOf: (kind) => JSON.stringify(kind),
    groupOf: (kind) => kind.client_id,
    folded: (kind) => ({ ...kind, origin: '', ip: '' }),
    mostPerGroup: MOST_PER_CLIENT,
    mostEntries: MOST_ENTRIES,
    writes: 'each_flush',
    flushMs: FLUSH_MS,
    write: (counted) =>
      deps.database.inTransaction(globalScope, (unit) => addRefusals(unit, counted.map(toCount))),
    onDropped: () => dropped.inc(),
    onError: deps.onError,
    clock: deps.clock,
  });

  return {
    onRefused(refused) {
      seen.inc({ reason: refused.reason });
      deps.security.record(toSecurityEvent(refused));
      const { clientId, keyId, origin, ip, reason } = refused;
      if (clientId === null || keyId === null) return;
      tally.add({
        client_id: clientId,
        key_id: keyId,
        origin: keptOrigin(origin),
        ip: networkOf(ip).slice(0, LONGEST_IP),
        reason,
      });
    },
    flush: () => tally.flush(),
    stop: () => tally.stop(),
  };
}

const LONGEST_IP = 64;

/** Anybody may send anything as an origin: what no browser would is not kept as it came. */
function keptOrigin(origin: string | null): string {
  if (origin === null) return '';
  return /^[\x21-\x7e]{1,100}$/.test(origin) ? origin : 'unreadable';
}

function toSecurityEvent({ clientId, keyId, ip, reason }: RefusedPost) {
  return {
    action: clientId === null ? ('api_key.unknown' as const) : ('lead.refused' as const),
    clientId,
    targetKind: 'api_key',
    targetId: keyId ?? 'unknown',
    ip,
    detail: { reason },
  };
}

function toCount({ item, minute, count, lastAt }: Counted<Kind>): RefusalCount {
  return { ...item, minute, count, last_at: lastAt };
}
