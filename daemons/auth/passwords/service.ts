import type { PasswordHasher } from '../../../lib/accounts/hasher.ts';
import { findLiveLink } from '../../../lib/accounts/password-links.ts';
import type { PasswordJudge } from '../../../lib/accounts/password-judge.ts';
import { findUser, lockUser } from '../../../lib/accounts/users.ts';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, userScope, type Unit } from '../../../lib/db/scope.ts';
import type { PersonIdentity } from '../../../lib/identity/identity.ts';
import { actingAs, type Caller } from '../actor.ts';
import type { PasswordChange, User } from '../contract.ts';
import { presentUser } from '../present.ts';
import { findByRefreshToken } from '../sessions/store.ts';
import { findCredentials, lockCredentials } from '../store.ts';
import type { PasswordCheck } from './check.ts';
import type { Slots } from './slots.ts';
import { disproveEmail, proveEmail, reachesBeyond, storePassword } from './store.ts';

export interface PasswordService {
  /** By a one-time link. An invited user becomes active; every session and link of the user ends. */
  set(caller: Caller, input: { token: string; password: string }): Promise<User | Failure>;
  /** By whoever knows the current one. Every session ends but that of the given refresh token. */
  change(
    actor: Actor & { identity: PersonIdentity },
    input: PasswordChange,
  ): Promise<Failure | undefined>;
}

export interface PasswordDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly checkPassword: PasswordCheck;
  readonly hasher: PasswordHasher;
  readonly judge: PasswordJudge;
  /** For hashing new passwords. */
  readonly slots: Slots;
}

export function createPasswordService(deps: PasswordDeps): PasswordService {
  const { database, clock, hasher, slots } = deps;
  return {
    async set(caller, { token, password }) {
      // Looked at first, so that a stranger's guess costs no hash.
      const known = await database.inTransaction(globalScope, async (unit) => {
        const link = await findLiveLink(unit, token, clock());
        return link && findUser(unit, link.user_id);
      });
      if (known === undefined) return linkIsOver();
      const { email } = known;
      const weak = await deps.judge.judge({ password, email, path: 'body.password' });
      if (weak) return weak;
      const hash = await slots.run(() => hasher.hash(password));
      if (isFailure(hash)) return hash;
      return database.inTransaction(userScope(known.id), async (unit) => {
        const user = await lockUser(unit, known.id);
        const now = clock();
        const link = await findLiveLink(unit, token, now);
        if (user === undefined || user.status === 'disabled' || link === undefined) {
          return linkIsOver();
        }
        const within = link.by_mail ? null : link.within_client;
        if (within !== null && (await reachesBeyond(unit, user, within))) return reachesTooFar();
        if (link.by_mail) await proveEmail(unit, user, now);
        // Whoever was shown the link may be the one who redeems it.
        else if (within !== null) await disproveEmail(unit, user.id, now);
        await storePassword(unit, user.id, { hash, at: now });
        await audit(unit, actingAs(user, caller), {
          action: 'password.set',
          targetKind: 'user',
          targetId: user.id,
          detail: { by_mail: link.by_mail },
        });
        return presentUser((await findUser(unit, user.id)) ?? user);
      });
    },

    async change(actor, input) {
      const known = await database.inTransaction(globalScope, (unit) =>
        findCredentials(unit, actor.identity.userId),
      );
      if (known === undefined) return noLongerActive();
      const isRight = await deps.checkPassword({
        email: known.email,
        ip: actor.call.ip,
        password: input.current_password,
        stored: known.password_hash,
        mayPass: known.status === 'active',
      });
      if (isFailure(isRight)) return isRight;
      if (!isRight) return fail('invalid_credentials', 'The current password is wrong.');
      const weak = await deps.judge.judge({
        password: input.new_password,
        email: known.email,
        path: 'body.new_password',
      });
      if (weak) return weak;
      const hash = await slots.run(() => hasher.hash(input.new_password));
      if (isFailure(hash)) return hash;
      return database.inTransaction(globalScope, async (unit) => {
        const user = await lockCredentials(unit, known.id);
        if (user === undefined || user.status !== 'active') return noLongerActive();
        if (user.password_hash !== known.password_hash) return changedMeanwhile();
        const keptSessionId = await sessionOf(unit, user.id, input.refresh_token);
        await storePassword(unit, user.id, { hash, at: clock(), keptSessionId });
        await audit(unit, actor, {
          action: 'password.change',
          targetKind: 'user',
          targetId: user.id,
        });
        return undefined;
      });
    },
  };
}

async function sessionOf(
  unit: Unit,
  userId: string,
  refreshToken: string | undefined,
): Promise<string | undefined> {
  if (refreshToken === undefined) return undefined;
  const found = await findByRefreshToken(unit, refreshToken);
  return found?.session.user_id === userId ? found.session.id : undefined;
}

function linkIsOver(): Failure {
  return fail(
    'not_found',
    'The link is unknown, was used, or is too old. Ask whoever invited you for a new one.',
  );
}

/** Whoever saw the link belongs to one client; the account opens more than that. */
function reachesTooFar(): Failure {
  return fail(
    'conflict',
    'This link was made within one client, and the account belongs to others as well. Ask an admin for a link.',
  );
}

function noLongerActive(): Failure {
  return fail('unauthenticated', 'The user of this token is no longer active.');
}

function changedMeanwhile(): Failure {
  return fail('conflict', 'The password was changed by another request at the same time.');
}
