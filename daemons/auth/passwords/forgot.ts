import type { Budget } from '../../../lib/accounts/budget.ts';
import type { LinkSender } from '../../../lib/accounts/link-sender.ts';
import { replaceLink } from '../../../lib/accounts/password-links.ts';
import { lockUser } from '../../../lib/accounts/users.ts';
import { audit } from '../../../lib/audit/audit.ts';
import type { Background } from '../../../lib/core/background.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope } from '../../../lib/db/scope.ts';
import { networkOf } from '../../../lib/http/network.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import { actingAs, type Caller } from '../actor.ts';
import { findUserByEmail } from '../store.ts';

/**
 * Sends a link to whoever has an account under this e-mail. The answer says neither by its text nor
 * by its time whether there is one: everything that depends on it happens afterwards.
 */
export type ForgotPassword = (caller: Caller, email: string) => Promise<string | Failure>;

export interface ForgotDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly links: LinkSender;
  readonly background: Background;
  readonly perAddress: Budget;
  /** Past it no further mail goes out, and the answer is the same: the earlier ones are in the inbox. */
  readonly perEmail: Budget;
}

const ON_ITS_WAY =
  'If there is an account with this e-mail, a link to choose a new password is on its way to it.';
const NO_MAIL =
  'This installation sends no e-mail. Ask an admin, or whoever invited you, for a new link.';

export function createForgotPassword(deps: ForgotDeps): ForgotPassword {
  return async (caller, email) => {
    const refusal = await deps.perAddress.take(networkOf(caller.ip));
    if (refusal) return refusal;
    if (!deps.links.isByMail) return NO_MAIL;
    const isTaken = deps.background.run(() => sendLink(deps, caller, email));
    if (!isTaken) deps.log.warn('too many links are being sent; one was not');
    return ON_ITS_WAY;
  };
}

async function sendLink(deps: ForgotDeps, caller: Caller, email: string): Promise<void> {
  const { database, clock, links, log } = deps;
  if (isFailure(await deps.perEmail.take(sha256Hex(email)))) return;
  const made = await database.inTransaction(globalScope, async (unit) => {
    const known = await findUserByEmail(unit, email);
    const user = known && (await lockUser(unit, known.id));
    if (user === undefined || user.status === 'disabled') return undefined;
    await audit(unit, actingAs(user, caller), {
      action: 'password.forgot',
      targetKind: 'user',
      targetId: user.id,
    });
    const request = { userId: user.id, purpose: 'reset', byMail: true, now: clock() } as const;
    return { userId: user.id, link: await replaceLink(unit, request) };
  });
  if (made === undefined) return;
  const sent = await links.send(email, 'reset', made.link);
  if (!sent.ok) {
    log.error({ user_id: made.userId, reason: sent.reason }, 'a password link could not be mailed');
  }
}
