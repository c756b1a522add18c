import type { SecurityLog } from '../../lib/audit/security.ts';
import type { Actor } from '../../lib/audit/audit.ts';
import type { Failure } from '../../lib/core/errors.ts';
import type { PersonIdentity } from '../../lib/identity/identity.ts';
import { maskEmail } from '../../lib/providers/mask.ts';
import type { Caller } from './actor.ts';

/** Told of every login that was refused, with what the caller was answered. */
export type OnLoginRefused = (attempt: {
  readonly email: string;
  /** The code of an authenticator app, where one was sent. */
  readonly totp?: string | undefined;
  readonly caller: Caller;
  readonly failure: Failure;
}) => void;

/** Told of every wrong proof of somebody who is signed in already, with what they were answered. */
export type OnProofRefused = (attempt: {
  readonly proof: 'password' | 'totp';
  readonly actor: Actor & { readonly identity: PersonIdentity };
  readonly failure: Failure;
}) => void;

const isAboutCode = ({ path }: { readonly path: string }): boolean => path.endsWith('.totp');

/**
 * Writes down wrong passwords and lock-outs. By the address that was typed, masked, and not by the
 * user: whether there is one is nobody's business, and what was typed may be a password.
 */
export function recordRefusedLogins(security: Pick<SecurityLog, 'record'>): OnLoginRefused {
  return ({ email, totp, caller, failure }) => {
    const { code } = failure;
    // The password was right: being asked for the code is a login's second step.
    const isAskedForCode = totp === undefined && failure.extra.errors?.some(isAboutCode);
    if (isAskedForCode) return;
    if (code !== 'invalid_credentials' && code !== 'rate_limited') return;
    security.record({
      action: code === 'rate_limited' ? 'login.locked' : 'login.failed',
      clientId: null,
      targetKind: 'account',
      targetId: maskEmail(email),
      ip: caller.ip,
      requestId: caller.requestId,
    });
  };
}

/** Whoever has found an open session, or stolen a token, guesses what it takes to keep the account. */
export function recordRefusedProofs(security: Pick<SecurityLog, 'record'>): OnProofRefused {
  return ({ proof, actor, failure: { code } }) => {
    if (code !== 'invalid_credentials' && code !== 'rate_limited') return;
    security.record({
      action: `${proof}.${code === 'rate_limited' ? 'locked' : 'failed'}`,
      clientId: null,
      targetKind: 'user',
      targetId: actor.identity.userId,
      ip: actor.call.ip,
      requestId: actor.call.requestId,
    });
  };
}
