import { z } from 'zod';
import { clientIdSchema } from '../core/ids.ts';
import type { Unit } from '../db/scope.ts';
import { permissionKey, type Principal, type RoleGrants } from './decide.ts';

const principalRow = z.object({
  id: z.string(),
  is_admin: z.boolean(),
  status: z.enum(['active', 'invited', 'disabled']),
  has_totp: z.boolean(),
  memberships: z.array(
    z.object({
      id: z.string(),
      clientId: clientIdSchema,
      clientStatus: z.enum(['active', 'suspended', 'archived']),
      roleId: z.string(),
    }),
  ),
});

/** One statement: a user and their memberships as of one moment. Names only what the gateway may read. */
const PRINCIPAL = `
  SELECT u.id, u.is_admin, u.status, u.has_totp, coalesce(
    jsonb_agg(jsonb_build_object('id', m.id, 'clientId', m.client_id, 'clientStatus', c.status,
      'roleId', m.role_id) ORDER BY m.client_id) FILTER (WHERE c.client_id IS NOT NULL), '[]') AS memberships
  FROM users u
  LEFT JOIN user_clients m ON m.user_id = u.id
  LEFT JOIN clients c ON c.client_id = m.client_id
  WHERE u.id = CAST(:userId AS uuid)
  GROUP BY u.id`;

/**
 * A user as access decisions see one; undefined when there is none. The unit must show the user's
 * memberships: the gateway's role, or a user's scope.
 */
export async function loadPrincipal(unit: Unit, userId: string): Promise<Principal | undefined> {
  const row = await unit.maybeOne(principalRow, PRINCIPAL, { userId });
  if (row === undefined) return undefined;
  return {
    userId: row.id,
    isAdmin: row.is_admin,
    status: row.status,
    hasTotp: row.has_totp,
    memberships: row.memberships,
  };
}

const LIVE_SESSION = `
  SELECT user_id FROM sessions
  WHERE id = CAST(:id AS uuid) AND ended_at IS NULL AND expires_at > now()`;

/** Whose the session is; undefined when it has ended, or was none. */
export async function loadSession(unit: Unit, id: string): Promise<string | undefined> {
  return (await unit.maybeOne(sessionRow, LIVE_SESSION, { id }))?.user_id;
}

const sessionRow = z.object({ user_id: z.string() });

/** Whether there is such a client, active or not; the unit must be the gateway's. */
export async function clientIsThere(unit: Unit, clientId: string): Promise<boolean> {
  const found: unknown = await unit.trx('clients').where('client_id', clientId).first('client_id');
  return found !== undefined;
}

const roleRow = z.object({
  id: z.string(),
  name: z.string(),
  level: z.int(),
  grants: z.array(z.object({ id: z.string(), method: z.string(), path: z.string() })),
});

const ROLES = `
  SELECT r.id, r.name, CAST(r.level AS integer) AS level, coalesce(
    jsonb_agg(jsonb_build_object('id', p.id, 'method', p.method, 'path', p.path))
      FILTER (WHERE p.id IS NOT NULL), '[]') AS grants
  FROM roles r
  LEFT JOIN role_permissions rp ON rp.role_id = r.id
  LEFT JOIN permissions p ON p.id = rp.permission_id AND p.gone_at IS NULL
  WHERE CAST(:ids AS uuid[]) IS NULL OR r.id = ANY (CAST(:ids AS uuid[]))
  GROUP BY r.id`;

/** Every role with what it holds, by its id; or only those of `ids`. */
export async function loadRoles(
  unit: Unit,
  ids: readonly string[] | null = null,
): Promise<ReadonlyMap<string, RoleGrants>> {
  const rows = await unit.rows(roleRow, ROLES, { ids: ids && [...ids] });
  return new Map(
    rows.map(({ id, name, level, grants }) => [
      id,
      {
        id,
        name,
        level,
        grants: new Map(
          grants.map((grant) => [permissionKey(grant.method, grant.path), grant.id] as const),
        ),
      },
    ]),
  );
}
