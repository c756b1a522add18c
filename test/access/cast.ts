import type { Pool } from 'pg';
import {
  aClient,
  aMembership,
  aRole,
  aUser,
  type Sql,
  type TestClient,
  type TestMembership,
  type TestRole,
} from '../../lib/testing/factories.ts';

/** The roles that every client of the walk uses. */
export interface Roles {
  /** Holds every permission there is. */
  readonly able: TestRole;
  /** Holds none. */
  readonly bare: TestRole;
  /** Held by nobody: what is handed out and changed. */
  readonly spare: TestRole;
}

export async function makeRoles(db: Pool): Promise<Roles> {
  const able = await aRole(db, { level: 20 });
  await db.query(
    `INSERT INTO role_permissions (role_id, permission_id)
     SELECT $1, id FROM permissions WHERE gone_at IS NULL`,
    [able.id],
  );
  return { able, bare: await aRole(db, { level: 20 }), spare: await aRole(db, { level: 30 }) };
}

/**
 * A client and a half: manager → owner → junior, and beside the owner the sibling; all of them hold
 * every permission. `bare` is a member without any; the foreigner holds every one in another client.
 */
export interface World {
  readonly client: TestClient;
  readonly other: TestClient;
  readonly roles: Roles;
  readonly manager: TestMembership;
  readonly owner: TestMembership;
  readonly junior: TestMembership;
  readonly sibling: TestMembership;
  readonly bare: TestMembership;
  readonly foreigner: TestMembership;
  readonly disabledUserId: string;
}

/** In one transaction: the gateways hear of it once. */
export async function makeWorld(pool: Pool, roles: Roles): Promise<World> {
  const db = await pool.connect();
  try {
    await db.query('BEGIN');
    const world = await cast(db, roles);
    await db.query('COMMIT');
    return world;
  } finally {
    db.release();
  }
}

async function cast(db: Sql, roles: Roles): Promise<World> {
  const { able: role } = roles;
  const [client, other] = [await aClient(db), await aClient(db)];
  const manager = await aMembership(db, { client, role });
  const owner = await aMembership(db, { reportsTo: manager, role });
  const disabled = await aUser(db, { status: 'disabled' });
  await aMembership(db, { user: disabled, reportsTo: manager, role });
  return {
    client,
    other,
    roles,
    manager,
    owner,
    junior: await aMembership(db, { reportsTo: owner, role }),
    sibling: await aMembership(db, { reportsTo: manager, role }),
    bare: await aMembership(db, { reportsTo: manager, role: roles.bare }),
    foreigner: await aMembership(db, { client: other, role }),
    disabledUserId: disabled.id,
  };
}
