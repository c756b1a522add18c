import type { LeadActor } from './actor.ts';
import { isFailure, type Failure } from '../../lib/core/errors.ts';
import type { ClientId } from '../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../lib/core/paging.ts';
import type { Database } from '../../lib/db/database.ts';
import { clientScope } from '../../lib/db/scope.ts';
import type { Announcer } from '../../lib/events/announcer.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import type {
  Lead,
  LeadChange,
  LeadFilters,
  LeadSummary,
  NewLead,
  TimelineEntry,
} from './contract.ts';
import { eraseLead } from './erasure/erase.ts';
import type { LeadReads } from './one-lead.ts';
import { present } from './present.ts';
import * as store from './store.ts';
import { countPerMinute } from './summary.ts';
import { readTimeline } from './timeline.ts';
import { createLead } from './writing/create.ts';
import { noSuchLead, type WritingDeps } from './writing/deps.ts';
import { updateLead } from './writing/update.ts';

export interface LeadService {
  list(actor: LeadActor, clientId: ClientId, filters: LeadFilters): Promise<Page<Lead> | Failure>;
  get(actor: LeadActor, clientId: ClientId, id: string): Promise<Lead | Failure>;
  summarise(actor: UserIdentity, clientId: ClientId, minutes: number): Promise<LeadSummary>;
  create(actor: LeadActor, clientId: ClientId, input: NewLead): Promise<Lead | Failure>;
  update(
    actor: LeadActor,
    clientId: ClientId,
    id: string,
    change: LeadChange,
  ): Promise<Lead | Failure>;
  erase(actor: LeadActor, clientId: ClientId, id: string): Promise<Failure | undefined>;
  timeline(actor: LeadActor, clientId: ClientId, id: string): Promise<TimelineEntry[] | Failure>;
}

export interface LeadServiceDeps extends WritingDeps {
  readonly database: Database;
  readonly reads: LeadReads;
  readonly announcer: Announcer;
}

export function createLeadService(deps: LeadServiceDeps): LeadService {
  const { database, reads, announcer, clock } = deps;

  const changed = <T>(result: T): T => {
    if (!isFailure(result)) announcer.announce('leadctl_events');
    return result;
  };

  return {
    async list(actor, clientId, filters) {
      const cursor = readCursor(filters.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), (unit) =>
        store.listLeads(unit, actor.identity, filters, cursor?.[0]),
      );
      return toPage(rows, filters.limit, (row) => [row.id], present);
    },

    async get(actor, clientId, id) {
      const row = await reads.find(clientScope(clientId), actor.identity, id);
      return row ? present(row) : noSuchLead(id);
    },

    async summarise(actor, clientId, minutes) {
      const at = clock();
      const perMinute = await database.inTransaction(clientScope(clientId), (unit) =>
        countPerMinute(unit, actor, at, minutes),
      );
      const total = perMinute.reduce((sum, count) => sum + count, 0);
      return { at: at.toISOString(), per_minute: perMinute, total };
    },

    async create(actor, clientId, input) {
      const created = await database.inTransaction(clientScope(clientId), (unit) =>
        createLead(deps, unit, actor, input),
      );
      return changed(created);
    },

    async update(actor, clientId, id, change) {
      const updated = await database.inTransaction(clientScope(clientId), (unit) =>
        updateLead(deps, unit, actor, id, change),
      );
      return changed(updated);
    },

    async erase(actor, clientId, id) {
      const failure = await database.inTransaction(clientScope(clientId), (unit) =>
        eraseLead(deps, unit, actor, id),
      );
      return changed(failure);
    },

    async timeline(actor, clientId, id) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await store.findLead(unit, actor.identity, id);
        return row === undefined ? noSuchLead(id) : readTimeline(unit, row, actor.identity);
      });
    },
  };
}
