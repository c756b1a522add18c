import { defined } from '../../lib/core/defined.ts';
import type { PasswordHasher } from '../../lib/accounts/hasher.ts';
import type { PasswordJudge } from '../../lib/accounts/password-judge.ts';
import { endSessionsOf } from '../../lib/accounts/sessions.ts';
import {
  findUser,
  insertUser,
  lockUser,
  updateUser,
  type UserRow,
} from '../../lib/accounts/users.ts';
import { dropTotp } from '../../lib/accounts/totp.ts';
import { withdrawLinks } from '../../lib/accounts/password-links.ts';
import { isOfAnybody, takeBack } from '../../lib/accounts/take-back.ts';
import { audit } from '../../lib/audit/audit.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { newId, type ClientId } from '../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../lib/core/paging.ts';
import type { Database } from '../../lib/db/database.ts';
import { globalScope, userScope, type Unit } from '../../lib/db/scope.ts';
import { membershipsOf } from '../../lib/hierarchy/member-rows.ts';
import { actingRole } from '../../lib/identity/identity.ts';
import { maskPhone } from '../../lib/providers/mask.ts';
import type {
  Invitation,
  NewUser,
  User,
  UserChange,
  UserFilters,
  UserWithMemberships,
} from './contract.ts';
import type { Invitations, PendingInvitation } from './invitation.ts';
import type { MemberActor } from './members/policy.ts';
import { refuseOverUser, scopeOverUsers } from './policy.ts';
import { present } from './present.ts';
import * as store from './store.ts';

/** Users across all clients; its callers are admins, and others within what they could give themselves. */
export interface UserService {
  list(filters: UserFilters): Promise<Page<User> | Failure>;
  get(id: string): Promise<UserWithMemberships | Failure>;
  /** Without a password the user is invited, and the link comes with the answer. */
  create(
    actor: MemberActor,
    input: NewUser,
  ): Promise<(User & { invitation?: Invitation }) | Failure>;
  update(actor: MemberActor, id: string, change: UserChange): Promise<User | Failure>;
  /**
   * A new link for somebody who lost theirs, or their password. Whoever is in an account that nobody has
   * proven is out of it at once.
   */
  invite(actor: MemberActor, id: string): Promise<Invitation | Failure>;
}

export interface UserServiceDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly judge: PasswordJudge;
  readonly invitations: Invitations;
}

export function createUserService(deps: UserServiceDeps): UserService {
  const { database, clock, hasher, judge, invitations } = deps;
  return {
    async list(filters) {
      const cursor = readCursor(filters.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(globalScope, (unit) =>
        store.listUsers(unit, filters, cursor?.[0]),
      );
      return toPage(rows, filters.limit, (row) => [row.id], present);
    },

    get(id) {
      return database.inTransaction(userScope(id), async (unit) => {
        const row = await findUser(unit, id);
        if (row === undefined) return noSuchUser(id);
        return { ...present(row), memberships: await membershipsOf(unit) };
      });
    },

    async create(actor, input) {
      if (input.is_admin && !actor.identity.isAdmin) return onlyAdmins('who is an administrator');
      const { email, password } = input;
      const weak =
        password === undefined
          ? undefined
          : await judge.judge({ password, email, path: 'body.password' });
      if (weak) return weak;
      // Outside the transaction: a hash takes longer than a connection should be held.
      const passwordHash = password === undefined ? null : await hasher.hash(password);
      const made = await database.inTransaction(globalScope, (unit) =>
        createUser(unit, actor, input, { passwordHash, invitations, now: clock() }),
      );
      if (isFailure(made)) return made;
      const { user, pending } = made;
      return pending ? { ...user, invitation: await invitations.deliver(pending) } : user;
    },

    update(actor, id, change) {
      const { isAdmin } = actor.identity;
      if (change.is_admin !== undefined && !isAdmin) {
        return Promise.resolve(onlyAdmins('who is an administrator'));
      }
      if (change.email_proven !== undefined && !isAdmin) {
        return Promise.resolve(onlyAdmins('whose address is whose'));
      }
      return database.inTransaction(scopeOverUsers(actor.identity), (unit) =>
        changeUser(unit, actor, { id, change, now: clock() }),
      );
    },

    async invite(actor, id) {
      const refusal = await database.inTransaction(scopeOverUsers(actor.identity), async (unit) => {
        const row = await findUser(unit, id);
        return row === undefined ? noSuchUser(id) : refuseOverUser(unit, actor.identity, row);
      });
      if (refusal) return refusal;
      // Platform work sets no password. What the user is given in between, in another client, the link
      // does not open.
      const made = await database.inTransaction(globalScope, async (unit) => {
        const row = await lockUser(unit, id);
        if (row === undefined) return noSuchUser(id);
        if (row.status === 'disabled') {
          return fail('conflict', `User ${id} is disabled; enable them before inviting them.`);
        }
        const now = clock();
        if (isOfAnybody(row)) await takeBack(unit, id, now);
        await audit(unit, actor, { action: 'user.invite', targetKind: 'user', targetId: id });
        return invitations.make(unit, row, { ...withinOwnClient(actor), now });
      });
      return isFailure(made) ? made : invitations.deliver(made);
    },
  };
}

async function createUser(
  unit: Unit,
  actor: MemberActor,
  input: NewUser,
  given: { passwordHash: string | null; invitations: Invitations; now: Date },
): Promise<{ user: User; pending: PendingInvitation | undefined } | Failure> {
  const isInvited = given.passwordHash === null;
  const row = await insertUser(unit, {
    id: newId(),
    email: input.email,
    phone: input.phone ?? null,
    password_hash: given.passwordHash,
    is_admin: input.is_admin,
    status: isInvited ? 'invited' : 'active',
    // An admin who makes an account vouches for whom it is.
    email_proven: actor.identity.isAdmin,
    created_at: given.now,
  });
  if (row === 'email_taken') return fail('email_taken', `${input.email} is a user already.`);
  await audit(unit, actor, {
    action: 'user.create',
    targetKind: 'user',
    targetId: row.id,
    detail: { is_admin: row.is_admin, status: row.status },
  });
  const { invitations, now } = given;
  return {
    user: present(row),
    pending: isInvited
      ? await invitations.make(unit, row, { ...withinOwnClient(actor), now })
      : undefined,
  };
}

async function changeUser(
  unit: Unit,
  actor: MemberActor,
  { id, change, now }: { id: string; change: UserChange; now: Date },
): Promise<User | Failure> {
  const losesAdmin = change.status === 'disabled' || change.is_admin === false;
  const admins = losesAdmin ? await store.lockActiveAdmins(unit) : [];
  const before = await lockUser(unit, id);
  if (before === undefined) return noSuchUser(id);
  const refusal = await refuseOverUser(unit, actor.identity, before);
  if (refusal) return refusal;
  if (admins.length === 1 && admins[0] === id) {
    return fail('conflict', 'This is the last active admin; make somebody else an admin first.');
  }
  const after = await updateUser(unit, id, {
    ...(change.status === undefined ? {} : { status: statusAfter(before, change.status) }),
    ...defined({
      is_admin: change.is_admin,
      phone: change.phone,
      email_proven: change.email_proven,
    }),
    updated_at: now,
  });
  const losesTotp = change.has_totp === false && before.has_totp;
  if (losesTotp) await dropTotp(unit, id, now);
  if (after.status === 'disabled') {
    await endSessionsOf(unit, id, { at: now });
    await withdrawLinks(unit, id);
  }
  await audit(unit, actor, {
    action: 'user.update',
    targetKind: 'user',
    targetId: id,
    detail: {
      ...(after.status === before.status ? {} : { status: [before.status, after.status] }),
      ...(after.is_admin === before.is_admin
        ? {}
        : { is_admin: [before.is_admin, after.is_admin] }),
      ...(after.email_proven === before.email_proven
        ? {}
        : { email_proven: [before.email_proven, after.email_proven] }),
      ...(after.phone === before.phone ? {} : { phone: [before.phone, after.phone].map(masked) }),
      ...(losesTotp ? { has_totp: [true, false] } : {}),
    },
  });
  return { ...present(after), ...(losesTotp ? { has_totp: false } : {}) };
}

const masked = (phone: string | null): string | null => phone && maskPhone(phone);

/** Whoever never set a password is not active yet, however often they are enabled. */
function statusAfter(
  user: Pick<UserRow, 'has_password'>,
  wanted: 'active' | 'disabled',
): UserRow['status'] {
  return wanted === 'active' && !user.has_password ? 'invited' : wanted;
}

function onlyAdmins(what: string): Failure {
  return fail('forbidden', `Only an administrator says ${what}.`);
}

/** A link that somebody else than an admin sees is good within the client by whose role they act. */
function withinOwnClient({ identity }: MemberActor): { withinClient: ClientId | undefined } {
  return { withinClient: identity.isAdmin ? undefined : actingRole(identity)?.clientId };
}

function noSuchUser(id: string): Failure {
  return fail('not_found', `There is no user ${id}.`);
}
