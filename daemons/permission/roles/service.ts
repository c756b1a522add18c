import { z } from 'zod';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import { readCursor, toPage, type Page, type PageQuery } from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { NewRole, Role, RoleChange } from '../contract.ts';
import { refuseNewRole, refuseRoleChange, scopeOfChange } from './policy.ts';
import { present } from './present.ts';
import * as store from './store.ts';

/** Who changes roles: admins, and others within what they could give themselves. */
export type RoleActor = Actor & { readonly identity: UserIdentity };

export interface RoleService {
  create(actor: RoleActor, input: NewRole): Promise<Role | Failure>;
  list(page: PageQuery): Promise<Page<Role> | Failure>;
  get(id: string): Promise<Role | Failure>;
  update(actor: RoleActor, id: string, change: RoleChange): Promise<Role | Failure>;
  /** Refused while a member has the role. */
  remove(actor: RoleActor, id: string): Promise<Failure | undefined>;
}

const position = z.tuple([z.coerce.number().int().min(0).max(2_147_483_647), z.string()]);

export function createRoleService(deps: { database: Database; clock: Clock }): RoleService {
  const { database, clock } = deps;
  return {
    create(actor, input) {
      return database.inTransaction(globalScope, async (unit) => {
        const refusal = await refuseNewRole(unit, actor.identity, {
          ...input,
          level: Number(input.level),
        });
        if (refusal) return refusal;
        const row = await store.insertRole(unit, { id: newId(), ...input, created_at: clock() });
        if (row === 'name_taken') return nameTaken(input.name);
        const { name, level } = row;
        await audit(unit, actor, { ...on('role.create', row.id), detail: { name, level } });
        return present(row);
      });
    },

    async list(page) {
      const cursor = readCursor(page.cursor, position);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(globalScope, (unit) =>
        store.listRoles(unit, { limit: page.limit, after: cursor }),
      );
      return toPage(rows, page.limit, (row) => [row.level, row.name], present);
    },

    async get(id) {
      const row = await database.inTransaction(globalScope, (unit) => store.findRole(unit, id));
      return row ? present(row) : noSuchRole(id);
    },

    update(actor, id, change) {
      return database.inTransaction(scopeOfChange(actor.identity), async (unit) => {
        const before = await store.lockRole(unit, id);
        if (before === undefined) return noSuchRole(id);
        const { name = before.name } = change;
        const level = Number(change.level ?? before.level);
        const refusal = await refuseRoleChange(unit, actor.identity, id, { name, level });
        if (refusal) return refusal;
        const { patch, detail } = changesTo(before, change);
        if (Object.keys(patch).length === 0) return present(before);
        const after = await store.updateRole(unit, id, { ...patch, updated_at: clock() });
        if (after === 'name_taken') return nameTaken(change.name ?? before.name);
        await audit(unit, actor, { ...on('role.update', id), detail });
        return present(after);
      });
    },

    remove(actor, id) {
      return database.inTransaction(scopeOfChange(actor.identity), async (unit) => {
        const role = await store.lockRole(unit, id);
        if (role === undefined) return noSuchRole(id);
        const refusal = await refuseRoleChange(unit, actor.identity, id, {});
        if (refusal) return refusal;
        if ((await store.deleteRole(unit, id)) === 'in_use') {
          return fail(
            'conflict',
            `Members or machine tokens have the role ${role.name}; give members another, revoke tokens.`,
          );
        }
        await audit(unit, actor, { ...on('role.delete', id), detail: { name: role.name } });
        return undefined;
      });
    },
  };
}

const on = (action: string, targetId: string) => ({ action, targetKind: 'role', targetId });

function changesTo(
  before: store.RoleRow,
  { name, level, description }: RoleChange,
): { patch: store.RolePatch; detail: Record<string, unknown> } {
  const patch: store.RolePatch = {
    ...(name === undefined || name === before.name ? {} : { name }),
    ...(level === undefined || level === before.level ? {} : { level }),
    ...(description === undefined || description === before.description ? {} : { description }),
  };
  const detail = Object.fromEntries(
    Object.entries(patch).map(([field, next]) => [field, [Reflect.get(before, field), next]]),
  );
  return { patch, detail };
}

function nameTaken(name: string): Failure {
  return fail('conflict', `There is a role named "${name}"; a name means one role.`);
}

export function noSuchRole(id: string): Failure {
  return fail('not_found', `There is no role ${id}.`);
}
