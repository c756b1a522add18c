import type { Budget } from '../../lib/accounts/budget.ts';
import type { PasswordHasher } from '../../lib/accounts/hasher.ts';
import type { PasswordJudge } from '../../lib/accounts/password-judge.ts';
import { findUser, insertUser, updateUser } from '../../lib/accounts/users.ts';
import { audit } from '../../lib/audit/audit.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { newId } from '../../lib/core/ids.ts';
import type { Database } from '../../lib/db/database.ts';
import { globalScope, userScope } from '../../lib/db/scope.ts';
import { networkOf } from '../../lib/http/network.ts';
import { membershipsOf } from '../../lib/hierarchy/member-rows.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import { actingAs, type Caller } from './actor.ts';
import type { Credentials, Me, Tokens, User } from './contract.ts';
import type { PasswordCheck } from './passwords/check.ts';
import type { Slots } from './passwords/slots.ts';
import { presentUser } from './present.ts';
import type { SessionService } from './sessions/service.ts';
import { findUserByEmail, lockCredentials } from './store.ts';
import type { TotpCheck } from './totp/check.ts';
import { aboutToken } from './machine.ts';

export interface AuthService {
  /** A user who belongs to no client. An invited e-mail is taken: only its link sets the password. */
  register(caller: Caller, input: Credentials): Promise<User | Failure>;
  login(caller: Caller, input: Credentials): Promise<Tokens | Failure>;
  /** Of a machine token: what it acts as. */
  me(actor: UserIdentity): Promise<Me | Failure>;
}

export interface AuthServiceDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly sessions: SessionService;
  readonly checkPassword: PasswordCheck;
  readonly checkTotp: TotpCheck;
  readonly hasher: PasswordHasher;
  readonly judge: PasswordJudge;
  /** For hashing new passwords: what strangers register takes no slot from a login. */
  readonly slots: Slots;
  readonly registrations: Budget;
  readonly isRegistrationOpen: boolean;
}

/** How often a login starts over because the password changed while it was compared. */
const LOGIN_ATTEMPTS = 3;

export function createAuthService(deps: AuthServiceDeps): AuthService {
  const { database } = deps;
  return {
    async register(caller, input) {
      if (!deps.isRegistrationOpen) {
        return fail('forbidden', 'Registration is closed. Ask an admin to invite you.');
      }
      return (await deps.registrations.take(networkOf(caller.ip))) ?? register(deps, caller, input);
    },

    async login(caller, input) {
      for (let attempt = 0; attempt < LOGIN_ATTEMPTS; attempt += 1) {
        const outcome = await tryLogin(deps, caller, input);
        if (outcome !== 'password_changed') return outcome;
      }
      return wrongCredentials();
    },

    async me(actor) {
      if (actor.kind === 'token') {
        return database.inTransaction(globalScope, (unit) => aboutToken(unit, actor));
      }
      const { userId } = actor;
      return database.inTransaction(userScope(userId), async (unit) => {
        const user = await findUser(unit, userId);
        if (user === undefined || user.status !== 'active') {
          return fail('unauthenticated', 'The user of this token is no longer active.');
        }
        return { ...presentUser(user), memberships: await membershipsOf(unit) };
      });
    },
  };
}

async function register(
  deps: AuthServiceDeps,
  caller: Caller,
  { email, password }: Credentials,
): Promise<User | Failure> {
  const { database, clock } = deps;
  // Asked first, so that a taken e-mail costs no hash; the unique index has the last word.
  const known = await database.inTransaction(globalScope, (unit) => findUserByEmail(unit, email));
  if (known) return emailTaken();
  const weak = await deps.judge.judge({ password, email, path: 'body.password' });
  if (weak) return weak;
  const hash = await deps.slots.run(() => deps.hasher.hash(password));
  if (isFailure(hash)) return hash;
  return database.inTransaction(globalScope, async (unit) => {
    const user = await insertUser(unit, {
      id: newId(),
      email,
      password_hash: hash,
      is_admin: false,
      status: 'active',
      email_proven: false,
      created_at: clock(),
    });
    if (user === 'email_taken') return emailTaken();
    await audit(unit, actingAs(user, caller), {
      action: 'user.register',
      targetKind: 'user',
      targetId: user.id,
    });
    return presentUser(user);
  });
}

async function tryLogin(
  deps: AuthServiceDeps,
  caller: Caller,
  { email, password, totp }: Credentials,
): Promise<Tokens | Failure | 'password_changed'> {
  const { database, hasher } = deps;
  const known = await database.inTransaction(globalScope, (unit) => findUserByEmail(unit, email));
  const stored = known?.password_hash ?? null;
  const isRight = await deps.checkPassword({
    email,
    ip: caller.ip,
    password,
    stored,
    mayPass: known?.status === 'active',
  });
  if (isFailure(isRight)) return isRight;
  if (!isRight || known === undefined || stored === null) return wrongCredentials();

  // A login is the only time at which a new cost can be applied; without a free slot it waits for the next.
  const renewed = hasher.isOutdated(stored)
    ? await deps.slots.run(() => hasher.hash(password))
    : undefined;
  return database.inTransaction(globalScope, async (unit) => {
    const user = await lockCredentials(unit, known.id);
    if (user === undefined || user.status !== 'active') return wrongCredentials();
    if (user.password_hash !== stored) return 'password_changed';
    const refusal = user.has_totp
      ? await deps.checkTotp.refuse(unit, user, { code: totp, path: 'body.totp' })
      : undefined;
    if (refusal) return refusal;
    if (renewed !== undefined && !isFailure(renewed)) {
      await updateUser(unit, user.id, { password_hash: renewed, updated_at: deps.clock() });
    }
    await audit(unit, actingAs(user, caller), {
      action: 'session.open',
      targetKind: 'user',
      targetId: user.id,
    });
    return deps.sessions.open(unit, user, caller);
  });
}

function wrongCredentials(): Failure {
  return fail('invalid_credentials', 'The e-mail or the password is wrong.');
}

function emailTaken(): Failure {
  return fail(
    'email_taken',
    'There is a user with this e-mail. Log in, or use the link of your invitation.',
  );
}
