import { createHmac } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Pool } from 'pg';
import { newId } from '../../lib/core/ids.ts';
import {
  aMachineToken,
  anEndedSession,
  aUser,
  type TestUser,
} from '../../lib/testing/factories.ts';
import type { World } from './cast.ts';
import { SECRETS, type AccessPlatform } from './platform.ts';

/** Who calls: a token, and the user behind it. */
export interface Caller {
  readonly token: string;
  readonly userId: string;
}

export interface TestAdmin extends TestUser {
  readonly endedSessionId: string;
}

export async function anAdmin(db: Pool): Promise<TestAdmin> {
  const user = await aUser(db, { isAdmin: true });
  return { ...user, endedSessionId: await anEndedSession(db, user) };
}

/** Nobody who should be believed; each claims to be an admin who exists. */
export function pretenders(
  platform: AccessPlatform,
  admin: TestAdmin,
): Record<string, { readonly token: string | undefined }> {
  const [newer = { kid: '', secret: '' }, older = newer] = SECRETS;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    user_id: admin.id,
    email: 'someone@example.com',
    is_admin: true,
    type: 'access',
    iat: now,
    exp: now + 600,
    jti: newId(),
    sid: admin.id,
  };
  const sign = (secret: string, keyid: string, changes: object = {}) =>
    jwt.sign({ ...claims, ...changes }, secret, { keyid });
  const unsigned = (header: object) =>
    [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
  const deviceNull = unsigned({ alg: 'HS256', typ: 'JWT', kid: '../../../../dev/null' });
  const signatureOfNothing = createHmac('sha256', '').update(deviceNull).digest('base64url');
  const tokens = {
    'no token': undefined,
    'alg none': `${unsigned({ alg: 'none', kid: newer.kid })}.`,
    'other secret': sign('a-secret-that-is-none-of-the-two-here', newer.kid),
    'secret of another kid': sign(older.secret, newer.kid),
    'kid as a path': `${deviceNull}.${signatureOfNothing}`,
    'refresh token': sign(newer.secret, newer.kid, { type: 'refresh' }),
    'of a session that has ended': sign(newer.secret, newer.kid, { sid: admin.endedSessionId }),
    'of a session that is none': sign(newer.secret, newer.kid, { sid: newId() }),
    expired: platform.tokenOf({ ...admin, isAdmin: true }, -1),
  };
  return Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, { token }]));
}

/** Everybody in a world, and the admin. */
export function people(
  platform: AccessPlatform,
  world: World,
  admin: { id: string },
): Record<'disabled' | 'foreigner' | 'bare' | 'sibling' | 'junior' | 'manager' | 'admin', Caller> {
  const of = (id: string, isAdmin = false): Caller => ({
    token: platform.tokenOf({ id, isAdmin }),
    userId: id,
  });
  return {
    disabled: of(world.disabledUserId),
    foreigner: of(world.foreigner.userId),
    bare: of(world.bare.userId),
    sibling: of(world.sibling.userId),
    junior: of(world.junior.userId),
    manager: of(world.manager.userId),
    admin: of(admin.id, true),
  };
}

/** Machine tokens of every kind, as they are sent; the role is one that holds every permission. */
export async function machineTokens(
  db: Pool,
  { client, other, roles }: World,
): Promise<Record<'of an admin' | 'of the client' | 'of another' | 'bare' | Dead, string>> {
  const role = roles.able;
  const past = new Date(Date.now() - 1_000);
  const token = async (given: Parameters<typeof aMachineToken>[1]) =>
    (await aMachineToken(db, given)).token;
  return {
    revoked: await token({ client, role, revokedAt: past }),
    expired: await token({ client, role, expiresAt: past }),
    'made up': `lsk_${'a'.repeat(40)}`,
    bare: await token({ client, role: roles.bare }),
    'of another': await token({ client: other, role }),
    'of the client': await token({ client, role }),
    'of an admin': await token({}),
  };
}

type Dead = 'revoked' | 'expired' | 'made up';
