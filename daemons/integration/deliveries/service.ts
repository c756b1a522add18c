import { audit, type Actor } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type {
  Delivery,
  DeliveryFilters,
  DeliverySummary,
  DeliveryWithAttempts,
  Replay,
  Replayed,
  SummaryQuery,
} from './shapes.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import type { Kinds } from '../kinds/kind.ts';
import { restart } from '../sending/transitions/restart.ts';
import { present, presentAttempt, presentGroup } from './present.ts';
import { putUnder } from './replay.ts';
import { groupByError, lockReplayable } from './replay-store.ts';
import * as store from './store.ts';
import { summarise } from './summary.ts';

export type DeliveryActor = Actor & { readonly identity: UserIdentity };

export interface DeliveryService {
  list(
    actor: DeliveryActor,
    clientId: ClientId,
    filters: DeliveryFilters,
  ): Promise<Page<Delivery> | Failure>;
  get(
    actor: DeliveryActor,
    clientId: ClientId,
    id: string,
  ): Promise<DeliveryWithAttempts | Failure>;
  summarise(actor: UserIdentity, clientId: ClientId, query: SummaryQuery): Promise<DeliverySummary>;
  /**
   * Tries one again now, and it alone: whatever holds its lane goes on holding the others until one got
   * through. One that was delivered is not sent twice.
   */
  retry(actor: DeliveryActor, clientId: ClientId, id: string): Promise<Delivery | Failure>;
  replay(actor: DeliveryActor, clientId: ClientId, which: Replay): Promise<Replayed | Failure>;
}

const DAY_MS = 86_400_000;

export function createDeliveryService(deps: {
  database: Database;
  announcer: Announcer;
  kinds: Kinds;
}): DeliveryService {
  const { database, announcer, kinds } = deps;
  const announced = <T>(result: T): T => {
    if (!isFailure(result)) {
      announcer.announce('leadctl_deliveries');
      announcer.announce('leadctl_events');
    }
    return result;
  };

  return {
    async list(actor, clientId, filters) {
      const cursor = readCursor(filters.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), (unit) =>
        store.listDeliveries(unit, actor.identity, filters, cursor?.[0]),
      );
      return toPage(rows, filters.limit, (row) => [row.id], present);
    },

    async get(actor, clientId, id) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await store.findDelivery(unit, actor.identity, id);
        if (row === undefined) return noSuchDelivery(id);
        const attempts = await store.listAttempts(unit, id);
        return { ...present(row), attempt_log: attempts.map(presentAttempt) };
      });
    },

    async summarise(actor, clientId, { since }) {
      const from = since === undefined ? new Date(Date.now() - DAY_MS) : new Date(since);
      return database.inTransaction(clientScope(clientId), (unit) => summarise(unit, actor, from));
    },

    async retry(actor, clientId, id) {
      const retried = await database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await store.lockDelivery(unit, actor.identity, id);
        if (row === undefined) return noSuchDelivery(id);
        const refusal = refuseRetry(row);
        if (refusal) return refusal;
        await eventsAreBy(unit, actorOf(actor.identity));
        await restart(inUnit(unit), [id]);
        const detail = { status: row.status, code: row.last_error_code };
        await audit(unit, actor, {
          action: 'delivery.retry',
          targetKind: 'delivery',
          targetId: id,
          detail,
        });
        const after = await store.findDelivery(unit, actor.identity, id);
        return after === undefined ? noSuchDelivery(id) : present(after);
      });
      return announced(retried);
    },

    async replay(actor, clientId, which) {
      const replayed = await database.inTransaction(clientScope(clientId), async (unit) => {
        const rows = which.dry_run ? [] : await lockReplayable(unit, actor.identity, which);
        const groups = (await groupByError(unit, actor.identity, which)).map(presentGroup);
        const count = groups.reduce((sum, group) => sum + group.count, 0);
        if (which.dry_run || rows.length === 0) return { count, groups, dry_run: which.dry_run };
        const refusal = await putUnder(unit, kinds, rows, which.config);
        if (refusal) return refusal;
        await eventsAreBy(unit, actorOf(actor.identity));
        const ids = rows.map(({ id }) => id);
        await restart(inUnit(unit), ids);
        const { dry_run: _dryRun, ...detail } = which;
        await audit(unit, actor, {
          action: 'delivery.replay',
          targetKind: 'client',
          targetId: clientId,
          detail: { ...detail, count: rows.length },
        });
        return { count: rows.length, groups, dry_run: false };
      });
      return which.dry_run ? replayed : announced(replayed);
    },
  };
}

function refuseRetry(row: store.DeliveryRow): Failure | undefined {
  const { id, status, destination_name: name, destination_removed_at: removedAt } = row;
  if (status === 'delivered') {
    return fail('conflict', `Delivery ${id} went through already; it is not sent twice.`);
  }
  if (status === 'delivering') {
    return fail('conflict', `Delivery ${id} is being sent right now; look again in a few seconds.`);
  }
  if (removedAt !== null) {
    const why = `The destination ${name} of delivery ${id} was removed`;
    return fail('conflict', `${why}; make another one, and backfill it with the lead.`);
  }
  return undefined;
}

function noSuchDelivery(id: string): Failure {
  return fail('not_found', `There is no delivery ${id} in your part of this client.`);
}
