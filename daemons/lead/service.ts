import { audit, type Actor } from '../../lib/audit/audit.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { newId, type ClientId } from '../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../lib/core/paging.ts';
import type { Database } from '../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../lib/db/scope.ts';
import type { Announcer } from '../../lib/events/announcer.ts';
import { appendEvent } from '../../lib/events/outbox.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import type {
  Lead,
  LeadChange,
  LeadFilters,
  LeadSummary,
  NewLead,
  TimelineEntry,
} from './contract.ts';
import { mayAssignTo } from './policy.ts';
import { present } from './present.ts';
import * as store from './store.ts';
import { countPerMinute } from './summary.ts';
import { readTimeline } from './timeline.ts';
import { NEEDS_CONTACT, normaliseEmail, normalisePhone } from './writing/contact.ts';

/** A signed-in person acting on leads. */
export type LeadActor = Actor & { readonly identity: UserIdentity };

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

export interface LeadServiceDeps {
  readonly database: Database;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly isProductEnabled: (clientId: string, productId: string) => Promise<boolean>;
  readonly defaultCountryOf: (unit: ClientUnit) => Promise<string | null>;
}

export function createLeadService(deps: LeadServiceDeps): LeadService {
  const { database, announcer, clock } = deps;

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
      const row = await database.inTransaction(clientScope(clientId), (unit) =>
        store.findLead(unit, actor.identity, id),
      );
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
      const failure = await database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await store.lockLead(unit, actor.identity, id);
        if (row === undefined) return noSuchLead(id);
        await store.eraseLead(unit, id, clock());
        await appendEvent(unit, { leadId: id, kind: 'lead.erased' });
        await audit(unit, actor, { action: 'lead.erase', targetKind: 'lead', targetId: id });
        return undefined;
      });
      return changed(failure);
    },

    async timeline(actor, clientId, id) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await store.findLead(unit, actor.identity, id);
        return row === undefined ? noSuchLead(id) : readTimeline(unit, row);
      });
    },
  };
}

async function createLead(
  deps: LeadServiceDeps,
  unit: ClientUnit,
  actor: LeadActor,
  input: NewLead,
): Promise<Lead | Failure> {
  const { clientId } = unit.scope;
  if ((input.name ?? input.email ?? input.phone) === undefined) {
    return fail('validation_failed', 'A lead needs a name, an email or a phone.', {
      errors: [{ path: 'body', message: NEEDS_CONTACT }],
    });
  }
  if (input.product_id && !(await deps.isProductEnabled(clientId, input.product_id))) {
    return fail('validation_failed', 'The product is not enabled for this client.', {
      errors: [{ path: 'body.product_id', message: 'not enabled for this client' }],
    });
  }
  // Whoever enters a lead keeps it in sight: without an assignee it becomes their own.
  const assignee = input.assigned_to_user_client_id ?? actor.identity.membership?.id ?? null;
  const refusal = await refuseAssignee(unit, actor.identity, assignee);
  if (refusal) return refusal;
  const phone = normalisePhone(input.phone ?? null, await deps.defaultCountryOf(unit));
  const row = await store.insertLead(unit, {
    id: newId(),
    name: input.name ?? null,
    email: input.email === undefined ? null : normaliseEmail(input.email),
    phone: phone.value,
    phone_valid: phone.isValid,
    source: input.source,
    lead_reference_id: input.lead_reference_id ?? null,
    product_id: input.product_id ?? null,
    consent: input.consent ?? null,
    assigned_to_user_client_id: assignee,
    warnings: null,
    raw_payload: input,
    created_at: deps.clock(),
  });
  if (row === 'reference_taken') {
    return fail('conflict', `There is a lead from ${input.source} with this lead_reference_id.`);
  }
  await appendEvent(unit, { leadId: row.id, kind: 'lead.created' });
  await audit(unit, actor, { action: 'lead.create', targetKind: 'lead', targetId: row.id });
  return present(row);
}

async function updateLead(
  deps: LeadServiceDeps,
  unit: ClientUnit,
  actor: LeadActor,
  id: string,
  change: LeadChange,
): Promise<Lead | Failure> {
  const before = await store.lockLead(unit, actor.identity, id);
  if (before === undefined) return noSuchLead(id);
  const refusal = await refuseAssignee(unit, actor.identity, change.assigned_to_user_client_id);
  if (refusal) return refusal;
  const patch: store.LeadPatch = {
    ...(change.status === undefined ? {} : { status: change.status }),
    ...(change.assigned_to_user_client_id === undefined
      ? {}
      : { assigned_to_user_client_id: change.assigned_to_user_client_id }),
  };
  const after = await store.updateLead(unit, id, { ...patch, updated_at: deps.clock() });
  if (after === undefined) return noSuchLead(id);
  const detail = {
    ...(after.status === before.status ? {} : { status: [before.status, after.status] }),
    ...(after.assigned_to_user_client_id === before.assigned_to_user_client_id
      ? {}
      : { assigned_to: [before.assigned_to_user_client_id, after.assigned_to_user_client_id] }),
  };
  await appendEvent(unit, { leadId: id, kind: 'lead.updated', data: detail });
  await audit(unit, actor, { action: 'lead.update', targetKind: 'lead', targetId: id, detail });
  return present(after);
}

async function refuseAssignee(
  unit: ClientUnit,
  actor: UserIdentity,
  assignee: string | null | undefined,
): Promise<Failure | undefined> {
  if (assignee == null || (await mayAssignTo(unit, actor, assignee))) return undefined;
  return fail('validation_failed', 'A lead can be assigned to yourself or to somebody below you.', {
    errors: [
      {
        path: 'body.assigned_to_user_client_id',
        message: 'not a member in your part of the hierarchy',
      },
    ],
  });
}

function noSuchLead(id: string): Failure {
  return fail('not_found', `There is no lead ${id} in your part of this client.`);
}
