import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import type { Database } from '../db/database.ts';
import { globalScope } from '../db/scope.ts';
import { networkOf } from '../http/network.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createTally, type Counted } from './tally.ts';

/** What somebody who proved to be nobody tried, and was refused. */
export const SECURITY_ACTIONS = [
  'login.failed',
  'login.locked',
  'password.failed',
  'password.locked',
  'totp.failed',
  'totp.locked',
  'token.rejected',
  'request.limited',
  'webhook.rejected',
  'api_key.unknown',
  'lead.refused',
] as const;
export type SecurityAction = (typeof SECURITY_ACTIONS)[number];

export interface SecurityEvent {
  readonly action: SecurityAction;
  /** Null where nobody knows whose affair it is. */
  readonly clientId: string | null;
  readonly targetKind: string;
  /** Never a secret, never a whole e-mail: this is kept and shown. */
  readonly targetId: string;
  /** The caller's address as the gateway saw it. */
  readonly ip: string;
  /** Of the first within a minute. */
  readonly requestId?: string;
  readonly detail?: Readonly<Record<string, string>>;
}

/** Writes what strangers try into the audit log, counted by action, target and address. */
export interface SecurityLog extends Stoppable {
  /** Costs nothing now. */
  record(event: SecurityEvent): void;
  /** Writes what is due, for whoever cannot wait for the next time. */
  flush(): Promise<void>;
}

const FLUSH_MS = 3_000;
/** Different targets and addresses of one action, of one client, that are told apart within a minute. */
const MOST_PER_ACTION = 50;
const MOST_ENTRIES = 5_000;
const LONGEST_TARGET = 200;

const INSERT = `
  INSERT INTO audit_log (id, at, client_id, actor_kind, action, target_kind, target_id, request_id, ip, detail)
  SELECT id, at, client_id, 'anonymous', action, target_kind, target_id, request_id, ip, detail
  FROM jsonb_to_recordset(CAST(? AS jsonb)) AS t(id uuid, at timestamptz, client_id text, action text,
    target_kind text, target_id text, request_id text, ip text, detail jsonb)`;

/** The database's login may append to the audit log for every client that events are recorded of. */
export function createSecurityLog(deps: {
  database: Database;
  metrics: Metrics;
  clock: Clock;
  onError: (error: unknown) => void;
}): SecurityLog {
  const seen = deps.metrics.counter(
    'security_events_total',
    'Refused attempts: wrong passwords, tokens, keys and signatures, and what was too much',
    ['action'],
  );
  const dropped = deps.metrics.counter(
    'security_events_dropped_total',
    'Refused attempts that are missing in the audit log because there were too many kinds at once',
    [],
  );
  const tally = createTally<SecurityEvent>({
    keyOf: ({ action, clientId, targetKind, targetId, ip }) =>
      JSON.stringify([action, clientId, targetKind, targetId, ip]),
    groupOf: ({ action, clientId }) => `${action} ${clientId ?? ''}`,
    folded: ({ action, clientId, targetKind }) => ({
      action,
      clientId,
      targetKind,
      targetId: 'many',
      ip: 'many',
    }),
    mostPerGroup: MOST_PER_ACTION,
    mostEntries: MOST_ENTRIES,
    writes: 'twice_a_minute',
    flushMs: FLUSH_MS,
    write: (counted) =>
      deps.database.inTransaction(globalScope, async (unit) => {
        await unit.run(INSERT, [JSON.stringify(counted.map(toRow))]);
      }),
    onDropped: () => dropped.inc(),
    onError: deps.onError,
    clock: deps.clock,
  });
  return {
    record(event) {
      seen.inc({ action: event.action });
      tally.add({
        ...event,
        targetId: event.targetId.slice(0, LONGEST_TARGET),
        ip: networkOf(event.ip),
      });
    },
    flush: () => tally.flush(),
    stop: () => tally.stop(),
  };
}

function toRow({ item, count, lastAt }: Counted<SecurityEvent>) {
  return {
    id: newId(),
    at: lastAt,
    client_id: item.clientId,
    action: item.action,
    target_kind: item.targetKind,
    target_id: item.targetId,
    request_id: item.requestId ?? null,
    ip: item.ip,
    detail: { ...item.detail, count },
  };
}
