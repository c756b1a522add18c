import { randomBytes } from 'node:crypto';
import { hash } from 'bcrypt';
import { Pool } from 'pg';
import { clientIdSchema, newId, type ClientId } from '../core/ids.ts';
import { newMachineToken, sha256 } from '../secrets/tokens.ts';

/** What the factories write through: the database's owner, whom row-level security does not bind. */
export interface Sql {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A pool of the database's owner; end it before the database is dropped. */
export function openAsOwner(database: { readonly url: string }): Pool {
  return new Pool({ connectionString: database.url, max: 2 });
}

const CHEAPEST_HASH = 4;

/** A part of a name that no other row of this run has. */
export const unique = (): string => newId().slice(-12);

export interface TestUser {
  readonly id: string;
  readonly email: string;
}

/** Without a `password` nobody can log in as this user. */
export async function aUser(
  db: Sql,
  given: {
    email?: string;
    isAdmin?: boolean;
    status?: 'active' | 'invited' | 'disabled';
    password?: string;
    emailProven?: boolean;
  } = {},
): Promise<TestUser> {
  const user = { id: newId(), email: given.email ?? `user-${unique()}@example.com` };
  await db.query(
    `INSERT INTO users (id, email, password_hash, is_admin, status, email_proven)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      user.id,
      user.email,
      given.password === undefined ? null : await hash(given.password, CHEAPEST_HASH),
      given.isAdmin ?? false,
      given.status ?? 'active',
      given.emailProven ?? false,
    ],
  );
  // Tokens that tests make up name a session of the user's own id.
  await db.query(
    "INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $1, now() + interval '1 day')",
    [user.id],
  );
  return user;
}

/** Of a login that was ended, by a logout for one; its access tokens still name it. */
export async function anEndedSession(db: Sql, user: TestUser): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO sessions (id, user_id, expires_at, ended_at)
     VALUES ($1, $2, now() + interval '1 day', now())`,
    [id, user.id],
  );
  return id;
}

/** A one-time link with which the user sets a password, good for 7 days; this is its token. */
export async function aPasswordLink(
  db: Sql,
  user: TestUser,
  given: { byMail?: boolean; withinClient?: string } = {},
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.query(
    `INSERT INTO password_links (token_hash, user_id, by_mail, within_client, expires_at)
     VALUES ($1, $2, $3, $4, now() + interval '7 days')`,
    [sha256(token), user.id, given.byMail ?? false, given.withinClient ?? null],
  );
  return token;
}

export interface TestClient {
  readonly clientId: ClientId;
}

export async function aClient(
  db: Sql,
  given: {
    clientId?: string;
    name?: string;
    status?: 'active' | 'suspended' | 'archived';
    defaultCountry?: string;
  } = {},
): Promise<TestClient> {
  const clientId = clientIdSchema.parse(given.clientId ?? `client-${unique()}`);
  await db.query(
    'INSERT INTO clients (client_id, name, status, default_country) VALUES ($1, $2, $3, $4)',
    [clientId, given.name ?? 'Acme', given.status ?? 'active', given.defaultCountry ?? null],
  );
  return { clientId };
}

export interface TestRole {
  readonly id: string;
  readonly name: string;
  readonly level: number;
}

/** `grants` are whole permissions, e.g. `GET /api/clients/{client_id}/leads`; unknown ones are registered. */
export async function aRole(
  db: Sql,
  given: { name?: string; level?: number; grants?: readonly string[] } = {},
): Promise<TestRole> {
  const role = { id: newId(), name: given.name ?? `role-${unique()}`, level: given.level ?? 10 };
  await db.query('INSERT INTO roles (id, name, level) VALUES ($1, $2, $3)', [
    role.id,
    role.name,
    String(role.level),
  ]);
  for (const grant of given.grants ?? []) {
    const [method, path] = grant.split(' ');
    await db.query(
      `INSERT INTO permissions (id, method, path, description, service, reach)
       VALUES ($1, $2, $3, 'For a test', 'test', $4) ON CONFLICT (method, path) DO NOTHING`,
      [newId(), method, path, grant.includes('{client_id}') ? 'client' : 'platform'],
    );
    await db.query(
      `INSERT INTO role_permissions (role_id, permission_id)
       SELECT $1, id FROM permissions WHERE method = $2 AND path = $3`,
      [role.id, method, path],
    );
  }
  return role;
}

export interface TestMembership {
  readonly id: string;
  readonly userId: string;
  readonly clientId: ClientId;
  readonly roleId: string;
  readonly roleLevel: number;
}

/** A member with their rows in the closure; whoever is not given is made. */
export async function aMembership(
  db: Sql,
  given: { client?: TestClient; user?: TestUser; role?: TestRole; reportsTo?: TestMembership } = {},
): Promise<TestMembership> {
  const clientId =
    given.client?.clientId ?? given.reportsTo?.clientId ?? (await aClient(db)).clientId;
  const user = given.user ?? (await aUser(db));
  const role = given.role ?? (await aRole(db));
  const id = newId();
  const managerId = given.reportsTo?.id ?? null;
  await db.query(
    `INSERT INTO user_clients (id, user_id, client_id, role_id, reports_to_user_client_id)
     VALUES ($1, $2, $3, $4, $5)`,
    [id, user.id, clientId, role.id, managerId],
  );
  await db.query(
    `INSERT INTO user_client_hierarchy
       (client_id, ancestor_user_client_id, descendant_user_client_id, depth)
     SELECT client_id, ancestor_user_client_id, $2::uuid, depth + 1
       FROM user_client_hierarchy WHERE descendant_user_client_id = $3
     UNION ALL SELECT $1, $2::uuid, $2::uuid, 0`,
    [clientId, id, managerId],
  );
  return { id, userId: user.id, clientId, roleId: role.id, roleLevel: role.level };
}

export interface TestMachineToken {
  readonly id: string;
  /** What is sent as bearer. */
  readonly token: string;
}

/** An administrator's token, or with a client and a role one that acts there. */
export async function aMachineToken(
  db: Sql,
  given: {
    client?: TestClient;
    role?: TestRole;
    name?: string;
    expiresAt?: Date;
    revokedAt?: Date;
  } = {},
): Promise<TestMachineToken> {
  const { token, tokenPrefix, hash } = newMachineToken();
  const id = newId();
  await db.query(
    `INSERT INTO machine_tokens
       (id, name, client_id, role_id, token_hash, token_prefix, expires_at, revoked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      given.name ?? `token-${unique()}`,
      given.client?.clientId ?? null,
      given.revokedAt === undefined ? (given.role?.id ?? null) : null,
      hash,
      tokenPrefix,
      given.expiresAt ?? null,
      given.revokedAt ?? null,
    ],
  );
  return { id, token };
}

/** A destination whose settings say nothing, with a lane of its own. */
export async function aDestination(
  db: Sql,
  clientId: string,
  kind: string,
): Promise<{ readonly destinationId: string; readonly laneKey: string }> {
  const destinationId = newId();
  const laneKey = `${destinationId}/account`;
  await db.query('INSERT INTO destinations (id, client_id, name, kind) VALUES ($1, $2, $3, $4)', [
    destinationId,
    clientId,
    `destination-${destinationId}`,
    kind,
  ]);
  await db.query(
    `INSERT INTO destination_versions (client_id, destination_id, version, settings)
     VALUES ($1, $2, 1, '{}')`,
    [clientId, destinationId],
  );
  await db.query(
    `INSERT INTO lanes (lane_key, client_id, destination_id, kind, account) VALUES ($1, $2, $3, $4, 'account')`,
    [laneKey, clientId, destinationId, kind],
  );
  return { destinationId, laneKey };
}
