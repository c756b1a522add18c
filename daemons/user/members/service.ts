import { audit } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import {
  lockHierarchy,
  moveInHierarchy,
  removeFromHierarchy,
  type HierarchyUnit,
} from '../../../lib/hierarchy/closure.ts';
import type { Member } from '../../../lib/hierarchy/member.ts';
import { noSuchMember, presentMember, type MemberRow } from '../../../lib/hierarchy/member-rows.ts';
import { callerId } from '../../../lib/identity/identity.ts';
import type { Budget } from '../../../lib/accounts/budget.ts';
import type { Invitation, MemberChange, MemberFilters, NewMember } from '../contract.ts';
import type { Invitations } from '../invitation.ts';
import { createMember, type MadeMember } from './create.ts';
import { handOverLeads } from './handover.ts';
import { inviteMember } from './invite.ts';
import { refuseChange, refuseManager, type MemberActor } from './policy.ts';
import { chooseRole } from './roles.ts';
import * as store from './store.ts';

export type CreatedMember = MadeMember['member'] & { invitation?: Invitation };

export interface MemberService {
  list(
    actor: MemberActor,
    clientId: ClientId,
    filters: MemberFilters,
  ): Promise<Page<Member> | Failure>;
  get(actor: MemberActor, clientId: ClientId, id: string): Promise<Member | Failure>;
  create(
    actor: MemberActor,
    clientId: ClientId,
    input: NewMember,
  ): Promise<CreatedMember | Failure>;
  update(
    actor: MemberActor,
    clientId: ClientId,
    id: string,
    change: MemberChange,
  ): Promise<Member | Failure>;
  /** A new link for somebody who lost theirs. */
  invite(actor: MemberActor, clientId: ClientId, id: string): Promise<Invitation | Failure>;
  remove(actor: MemberActor, clientId: ClientId, id: string): Promise<Failure | undefined>;
}

export interface MemberServiceDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly invitations: Invitations;
  /** Of whoever is no admin: each may be a mail to a stranger. */
  readonly invitationBudget: Budget;
}

export function createMemberService(deps: MemberServiceDeps): MemberService {
  const { database, clock, invitations } = deps;
  const refuseInvitation = async ({ identity }: MemberActor): Promise<Failure | undefined> =>
    identity.isAdmin ? undefined : deps.invitationBudget.take(callerId(identity));

  /** A change of the client's members: the hierarchy is locked before anything is looked at. */
  const changing = <T>(clientId: ClientId, work: (unit: HierarchyUnit) => Promise<T>) =>
    database.inTransaction(clientScope(clientId), async (unit) => {
      const locked = await lockHierarchy(unit);
      return (await clientExists(unit)) ? work(locked) : noSuchClient(clientId);
    });

  return {
    async list(actor, clientId, filters) {
      const cursor = readCursor(filters.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), async (unit) =>
        (await clientExists(unit))
          ? store.listMembers(unit, actor.identity, filters, cursor?.[0])
          : noSuchClient(clientId),
      );
      if (isFailure(rows)) return rows;
      return toPage(rows, filters.limit, (row) => [row.id], presentMember);
    },

    async get(actor, clientId, id) {
      const row = await database.inTransaction(clientScope(clientId), (unit) =>
        store.findMember(unit, actor.identity, id),
      );
      return row ? presentMember(row) : noSuchMember(id);
    },

    async create(actor, clientId, input) {
      const refusal = input.email === undefined ? undefined : await refuseInvitation(actor);
      if (refusal) return refusal;
      const made = await changing(clientId, (unit) =>
        createMember(unit, actor, input, { invitations, now: clock() }),
      );
      if (isFailure(made)) return made;
      const { member, pending } = made;
      return pending ? { ...member, invitation: await invitations.deliver(pending) } : member;
    },

    async invite(actor, clientId, id) {
      const refusal = await refuseInvitation(actor);
      if (refusal) return refusal;
      const made = await changing(clientId, (unit) =>
        inviteMember(unit, actor, { id, invitations, now: clock() }),
      );
      return isFailure(made) ? made : invitations.deliver(made);
    },

    update(actor, clientId, id, change) {
      return changing(clientId, (unit) => updateMember(unit, actor, { id, change, now: clock() }));
    },

    async remove(actor, clientId, id) {
      const removed = await changing(clientId, (unit) =>
        removeMember(unit, actor, { id, now: clock() }),
      );
      if (isFailure(removed)) return removed;
      if (removed.leadCount > 0) deps.announcer.announce('leadctl_events');
      return undefined;
    },
  };
}

async function updateMember(
  unit: HierarchyUnit,
  actor: MemberActor,
  { id, change, now }: { id: string; change: MemberChange; now: Date },
): Promise<Member | Failure> {
  const before = await findForChange(unit, actor, id);
  if (isFailure(before)) return before;
  const role = await chooseRole(unit, actor.identity, change);
  if (isFailure(role)) return role;
  const reportsTo = change.reports_to_user_client_id;
  if (reportsTo !== undefined && reportsTo !== before.reports_to_user_client_id) {
    const refusal = await refuseManager(unit, actor.identity, reportsTo);
    if (refusal) return refusal;
    if ((await moveInHierarchy(unit, { id, reportsTo })) === 'cycle') return loop();
  }
  if (role !== undefined) await store.setRole(unit, id, { role_id: role.id, updated_at: now });
  const after = await store.readMember(unit, id);
  if (after === undefined) return noSuchMember(id);
  await audit(unit, actor, {
    action: 'member.update',
    targetKind: 'member',
    targetId: id,
    detail: difference(before, after),
  });
  return presentMember(after);
}

async function removeMember(
  unit: HierarchyUnit,
  actor: MemberActor,
  { id, now }: { id: string; now: Date },
): Promise<{ leadCount: number } | Failure> {
  const member = await findForChange(unit, actor, id);
  if (isFailure(member)) return member;
  const manager = member.reports_to_user_client_id;
  await eventsAreBy(unit, actorOf(actor.identity));
  const leadCount = await handOverLeads(unit, { from: id, to: manager, at: now });
  await removeFromHierarchy(unit, id);
  await store.deleteMembership(unit, id);
  await audit(unit, actor, {
    action: 'member.remove',
    targetKind: 'member',
    targetId: id,
    detail: {
      user_id: member.user_id,
      role: member.role_name,
      reports_and_leads_to: manager,
      leads: leadCount,
    },
  });
  return { leadCount };
}

async function findForChange(
  unit: ClientUnit,
  actor: MemberActor,
  id: string,
): Promise<MemberRow | Failure> {
  const refusal = await refuseChange(unit, actor.identity, id);
  if (refusal) return refusal;
  return (await store.readMember(unit, id)) ?? noSuchMember(id);
}

function difference(before: MemberRow, after: MemberRow): Record<string, unknown> {
  return {
    ...(before.role_id === after.role_id ? {} : { role: [before.role_name, after.role_name] }),
    ...(before.reports_to_user_client_id === after.reports_to_user_client_id
      ? {}
      : { reports_to: [before.reports_to_user_client_id, after.reports_to_user_client_id] }),
  };
}

function loop(): Failure {
  return fail(
    'hierarchy_cycle',
    'Nobody can report to themselves or to somebody below them; move that member out first.',
  );
}
