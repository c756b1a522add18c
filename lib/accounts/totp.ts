import type { Unit } from '../db/scope.ts';
import { updateUser } from './users.ts';

/** A login needs no code any more, and what was shared with an authenticator app is forgotten. */
export async function dropTotp(unit: Unit, userId: string, at: Date): Promise<void> {
  await unit.trx('totp_secrets').where({ user_id: userId }).delete();
  await updateUser(unit, userId, { has_totp: false, updated_at: at });
}
