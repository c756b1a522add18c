import { permissionKey, type Principal } from '../../lib/access/decide.ts';
import { fail, type Failure } from '../../lib/core/errors.ts';
import type { Route } from '../../lib/contract/route.ts';

/** What it takes to set an authenticator app up, to throw a thief out, and to leave. */
const OPEN: ReadonlySet<string> = new Set([
  permissionKey('POST', '/api/auth/totp'),
  permissionKey('POST', '/api/auth/totp/confirm'),
  permissionKey('GET', '/api/auth/me'),
  permissionKey('POST', '/api/auth/logout'),
  permissionKey('GET', '/api/auth/sessions'),
  permissionKey('DELETE', '/api/auth/sessions/{session_id}'),
  permissionKey('POST', '/api/auth/password/change'),
]);

/** Where admins must have an authenticator app, one without it can do nothing but look after their own account. */
export function refuseWithoutTotp(
  principal: Pick<Principal, 'isAdmin' | 'hasTotp'>,
  route: Pick<Route, 'method' | 'path'>,
): Failure | undefined {
  if (!principal.isAdmin || principal.hasTotp !== false) return undefined;
  if (OPEN.has(permissionKey(route.method, route.path))) return undefined;
  return fail(
    'forbidden',
    'Admins need an authenticator app here, and you have none yet. Set it up first: leadctl totp enable, or POST /api/auth/totp.',
  );
}
