import type { SecurityLog } from '../../lib/audit/security.ts';
import type { ErrorCode } from '../../lib/core/errors.ts';
import { maskEmail } from '../../lib/providers/mask.ts';
import type { Caller } from './actor.ts';

/** Told of every login that was refused, with what the caller was answered. */
export type OnLoginRefused = (attempt: {
  readonly email: string;
  readonly caller: Caller;
  readonly code: ErrorCode;
}) => void;

/**
 * Writes down wrong passwords and lock-outs. By the address that was typed, masked, and not by the
 * user: whether there is one is nobody's business, and what was typed may be a password.
 */
export function recordRefusedLogins(security: Pick<SecurityLog, 'record'>): OnLoginRefused {
  return ({ email, caller, code }) => {
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
