import { dropTotp } from '../../../lib/accounts/totp.ts';
import { lockUser, updateUser, type UserRow } from '../../../lib/accounts/users.ts';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, type Unit } from '../../../lib/db/scope.ts';
import type { PersonIdentity } from '../../../lib/identity/identity.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { sealFor } from '../../../lib/secrets/sealed.ts';
import type { TotpRemoval, TotpStart } from '../contract.ts';
import { findCredentials } from '../store.ts';
import type { PasswordCheck } from '../passwords/check.ts';
import { bindingOf, type TotpCheck } from './check.ts';
import { newRecoveryCodes, type TotpCodes } from './codes.ts';
import * as store from './store.ts';

type UserActor = Actor & { readonly identity: PersonIdentity };

/** One's own authenticator app, as a second proof at login. */
export interface TotpService {
  /** The secret for the app; nothing changes before `confirm`. */
  begin(actor: UserActor): Promise<TotpStart | Failure>;
  /** From now on a login needs a code. The recovery codes are shown this once. */
  confirm(actor: UserActor, code: string): Promise<readonly string[] | Failure>;
  /** By a code or the password: an access token alone does not do. */
  remove(actor: UserActor, proof: TotpRemoval): Promise<Failure | undefined>;
}

export interface TotpDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly codes: TotpCodes;
  readonly check: TotpCheck;
  readonly checkPassword: PasswordCheck;
}

export function createTotpService(deps: TotpDeps): TotpService {
  const { database, clock, codes, keyring } = deps;

  const changing = <T>(
    actor: UserActor,
    work: (unit: Unit, user: UserRow) => Promise<T | Failure>,
  ): Promise<T | Failure> =>
    database.inTransaction(globalScope, async (unit) => {
      const user = await lockUser(unit, actor.identity.userId);
      return user?.status === 'active' ? work(unit, user) : noLongerActive();
    });

  return {
    begin(actor) {
      return changing(actor, async (unit, user) => {
        if (user.has_totp) return alreadyOn();
        const secret = await codes.newSecret();
        const sealed = sealFor(keyring, bindingOf(user.id), secret);
        await store.replaceSecret(unit, { user_id: user.id, sealed, created_at: clock() });
        return { secret, otpauth_url: await codes.urlOf(secret, user.email) };
      });
    },

    confirm(actor, code) {
      return changing(actor, async (unit, user) => {
        if (user.has_totp) return alreadyOn();
        if ((await store.findSecret(unit, user.id)) === undefined) {
          return fail('conflict', 'Nothing was begun: POST /api/auth/totp shows the secret first.');
        }
        const refusal = await deps.check.refuse(unit, user, { code, path: 'body.code' });
        if (refusal) return refusal;
        const recoveryCodes = newRecoveryCodes();
        await store.insertRecoveryCodes(unit, user.id, recoveryCodes);
        await updateUser(unit, user.id, { has_totp: true, updated_at: clock() });
        await audit(unit, actor, { action: 'totp.enable', targetKind: 'user', targetId: user.id });
        return recoveryCodes;
      });
    },

    async remove(actor, proof) {
      if ('password' in proof) {
        const refusal = await refusePassword(deps, actor, proof.password);
        if (refusal) return refusal;
      }
      const removed = await changing(actor, async (unit, user) => {
        if (!user.has_totp) return fail('conflict', 'No authenticator app is set up.');
        const refusal =
          'code' in proof
            ? await deps.check.refuse(unit, user, { code: proof.code, path: 'body.code' })
            : undefined;
        if (refusal) return refusal;
        await dropTotp(unit, user.id, clock());
        await audit(unit, actor, { action: 'totp.disable', targetKind: 'user', targetId: user.id });
        return undefined;
      });
      return isFailure(removed) ? removed : undefined;
    },
  };
}

async function refusePassword(
  { database, checkPassword }: TotpDeps,
  actor: UserActor,
  password: string,
): Promise<Failure | undefined> {
  const user = await database.inTransaction(globalScope, (unit) =>
    findCredentials(unit, actor.identity.userId),
  );
  if (user === undefined) return noLongerActive();
  const isRight = await checkPassword({
    email: user.email,
    ip: actor.call.ip,
    password,
    stored: user.password_hash,
    mayPass: user.status === 'active',
  });
  if (isFailure(isRight)) return isRight;
  return isRight ? undefined : fail('invalid_credentials', 'The password is wrong.');
}

function alreadyOn(): Failure {
  return fail('conflict', 'An authenticator app is set up already; remove it first.');
}

function noLongerActive(): Failure {
  return fail('unauthenticated', 'The user of this token is no longer active.');
}
