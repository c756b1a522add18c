import { createPasswordHasher } from '../../lib/accounts/hasher.ts';
import { createPasswordJudge } from '../../lib/accounts/password-judge.ts';
import { createStrengthEstimator } from '../../lib/accounts/strength.ts';
import { dropTotp } from '../../lib/accounts/totp.ts';
import { insertUser, lockUser, updateUser } from '../../lib/accounts/users.ts';
import { audit } from '../../lib/audit/audit.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { newId } from '../../lib/core/ids.ts';
import type { Database } from '../../lib/db/database.ts';
import { globalScope, type Unit } from '../../lib/db/scope.ts';
import { validate } from '../../lib/http/validate.ts';
import { anonymous } from '../../lib/identity/identity.ts';
import { accountEmail } from '../../lib/identity/email.ts';
import { newPassword } from '../../lib/identity/password.ts';
import { storePassword } from './passwords/store.ts';
import { findUserByEmail } from './store.ts';

export interface BootstrapDeps {
  /** Under `leadctl_auth`, as the daemon's own. */
  readonly database: Database;
  readonly clock: Clock;
  /** BCRYPT_ROUNDS. */
  readonly rounds: number;
}

export interface AdminInput {
  readonly email: string;
  /** Needed for a user who has none yet; else looked at only with `resetPassword`. */
  readonly password?: string | undefined;
  readonly resetPassword?: boolean;
}

export interface BootstrappedAdmin {
  readonly id: string;
  readonly email: string;
  /** `promoted`: the user was there and is an admin now; `unchanged`: was one already. */
  readonly kind: 'created' | 'promoted' | 'unchanged';
  readonly isPasswordSet: boolean;
}

/**
 * Sees to it that the user is an admin who can log in; as often as one likes. A disabled user stays
 * disabled: a restart must not undo what an admin did.
 */
export async function bootstrapAdmin(
  deps: BootstrapDeps,
  input: AdminInput,
): Promise<BootstrappedAdmin | Failure> {
  const email = validate(accountEmail, input.email, 'body');
  if (isFailure(email)) return fail('validation_failed', `"${input.email}" is not an e-mail.`);
  const known = await deps.database.inTransaction(globalScope, (unit) =>
    findUserByEmail(unit, email),
  );
  const needsPassword = input.resetPassword === true || (known?.password_hash ?? null) === null;
  const hash = needsPassword ? await hashOf(deps, email, input.password) : undefined;
  if (isFailure(hash)) return hash;

  const admin = await deps.database.inTransaction(globalScope, async (unit) => {
    const outcome = known
      ? await promote(deps, unit, known.id, hash)
      : await create(deps, unit, email, hash);
    if (isFailure(outcome) || (outcome.kind === 'unchanged' && !outcome.isPasswordSet)) {
      return outcome;
    }
    await audit(unit, operator(), {
      action: outcome.kind === 'created' ? 'admin.create' : 'admin.promote',
      targetKind: 'user',
      targetId: outcome.id,
      detail: { password_set: outcome.isPasswordSet },
    });
    return outcome;
  });
  // Somebody made the user between the look and the insert: now there is one to promote.
  const wasOvertaken = isFailure(admin) && admin.code === 'email_taken';
  return wasOvertaken ? bootstrapAdmin(deps, input) : admin;
}

async function hashOf(
  deps: BootstrapDeps,
  email: string,
  given: string | undefined,
): Promise<string | Failure> {
  if (given === undefined || given === '') {
    return fail('validation_failed', 'The admin has no password yet, and none was given.');
  }
  const password = validate(newPassword, given, 'body');
  if (isFailure(password)) {
    const [first] = password.extra.errors ?? [];
    return fail('validation_failed', `The admin’s password ${first?.message ?? 'is not valid'}.`);
  }
  const path = 'body.password';
  const strength = createStrengthEstimator();
  const weak = await createPasswordJudge(strength).judge({ password, email, path });
  await strength.stop();
  if (weak) return weak;
  return createPasswordHasher({ rounds: deps.rounds }).hash(password);
}

async function create(
  deps: BootstrapDeps,
  unit: Unit,
  email: string,
  hash: string | undefined,
): Promise<BootstrappedAdmin | Failure> {
  const user = await insertUser(unit, {
    id: newId(),
    email,
    password_hash: hash ?? null,
    is_admin: true,
    status: 'active',
    email_proven: true,
    created_at: deps.clock(),
  });
  if (user === 'email_taken')
    return fail('email_taken', `${email} was registered at the same moment.`);
  return { id: user.id, email, kind: 'created', isPasswordSet: true };
}

async function promote(
  deps: BootstrapDeps,
  unit: Unit,
  id: string,
  hash: string | undefined,
): Promise<BootstrappedAdmin | Failure> {
  const user = await lockUser(unit, id);
  if (user === undefined || user.status === 'disabled') {
    return fail('conflict', 'The user is disabled. Let another admin enable them first.');
  }
  const at = deps.clock();
  const kind = user.is_admin ? 'unchanged' : 'promoted';
  const isPasswordSet = hash !== undefined;
  // Whoever may do this may do everything: it is the way back in for an admin who lost their phone.
  if (isPasswordSet) {
    await storePassword(unit, id, { hash, at });
    await dropTotp(unit, id, at);
  }
  if (kind === 'promoted' || !user.email_proven) {
    await updateUser(unit, id, { is_admin: true, email_proven: true, updated_at: at });
  }
  return { id, email: user.email, kind, isPasswordSet };
}

/** Whoever runs the command on the host: known by that, not by a token. */
function operator() {
  return { identity: anonymous, call: { requestId: newId(), ip: 'local' } };
}
