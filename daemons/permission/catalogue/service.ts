import { permissionKey } from '../../../lib/access/decide.ts';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { ServiceName } from '../../../lib/contract/route.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope } from '../../../lib/db/scope.ts';
import type { ServiceIdentity } from '../../../lib/identity/identity.ts';
import type { Declaration, Permission, Registration } from '../contract.ts';
import { presentPermission } from './present.ts';
import * as store from './store.ts';

export interface PermissionCatalogue {
  list(): Promise<Permission[]>;
  /**
   * Makes the catalogue say what the service says of itself. Idempotent, and writes nothing when
   * nothing changed, so that a restart makes no gateway forget its copy.
   */
  register(
    actor: Actor & { readonly identity: ServiceIdentity },
    service: ServiceName,
    declared: readonly Declaration[],
  ): Promise<Registration | Failure>;
}

export function createPermissionCatalogue({
  database,
}: {
  database: Database;
}): PermissionCatalogue {
  return {
    async list() {
      const rows = await database.inTransaction(globalScope, store.listLive);
      return rows.map(presentPermission);
    },

    async register(actor, service, declared) {
      if (actor.identity.service !== service) {
        return fail('forbidden', `${actor.identity.service} cannot register routes of ${service}.`);
      }
      return database.inTransaction(globalScope, async (unit) => {
        await store.takeTurn(unit);
        const plan = planRegistration(service, declared, await store.listEver(unit));
        const { added, updated, gone } = plan;
        if (added.length > 0) await store.insertPermissions(unit, added);
        for (const { id, description, reach } of updated) {
          await store.updatePermission(unit, id, { description, service, reach });
        }
        if (gone.length > 0)
          await store.markGone(
            unit,
            gone.map(({ id }) => id),
          );
        const counts = { added: added.length, updated: updated.length, gone: gone.length };
        if (added.length + updated.length + gone.length > 0) {
          await audit(unit, actor, {
            action: 'permission.register',
            targetKind: 'service',
            targetId: service,
            detail: { added: keysOf(added), updated: keysOf(updated), gone: keysOf(gone) },
          });
        }
        return counts;
      });
    },
  };
}

interface Plan {
  readonly added: store.PermissionInsert[];
  readonly updated: store.PermissionInsert[];
  readonly gone: store.PermissionRow[];
}

/** A route may move from one service to another; only its present owner can let it go. */
function planRegistration(
  service: ServiceName,
  declared: readonly Declaration[],
  known: readonly store.PermissionRow[],
): Plan {
  const knownByKey = new Map(known.map((row) => [permissionKey(row.method, row.path), row]));
  const wanted = new Map(declared.map((route) => [permissionKey(route.method, route.path), route]));
  const plan: Plan = {
    added: [],
    updated: [],
    gone: known.filter(
      (row) =>
        row.service === service &&
        row.gone_at === null &&
        !wanted.has(permissionKey(row.method, row.path)),
    ),
  };
  for (const [key, { method, path, description, reach }] of wanted) {
    const row = knownByKey.get(key);
    const isSame =
      row?.gone_at === null &&
      row.service === service &&
      row.description === description &&
      row.reach === reach;
    if (isSame) continue;
    const list = row === undefined ? plan.added : plan.updated;
    list.push({ id: row?.id ?? newId(), method, path, description, service, reach });
  }
  return plan;
}

const keysOf = (rows: readonly Pick<store.PermissionRow, 'method' | 'path'>[]): string[] =>
  rows.map((row) => permissionKey(row.method, row.path));
