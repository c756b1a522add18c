import { Model } from 'objection';
import type { Unit } from '../../../lib/db/scope.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';

class TotpSecretRow extends Model {
  static override readonly tableName = 'totp_secrets';
  static override readonly idColumn = 'user_id';

  declare user_id: string;
  declare sealed: string;
  /** PostgreSQL's bigint, so a string. */
  declare last_step: string | null;
  declare created_at: Date;
}

class RecoveryCodeRow extends Model {
  static override readonly tableName = 'totp_recovery_codes';
  static override readonly idColumn = ['user_id', 'code_hash'];

  declare user_id: string;
  declare code_hash: Buffer;
}

export interface TotpSecret {
  readonly sealed: string;
  readonly lastStep: number | undefined;
}

export async function findSecret(unit: Unit, userId: string): Promise<TotpSecret | undefined> {
  const row = await TotpSecretRow.query(unit.trx).findById(userId);
  if (row === undefined) return undefined;
  const lastStep = row.last_step === null ? undefined : Number(row.last_step);
  return { sealed: row.sealed, lastStep };
}

/** In place of one that was begun and never confirmed. */
export async function replaceSecret(
  unit: Unit,
  secret: { user_id: string; sealed: string; created_at: Date },
): Promise<void> {
  await TotpSecretRow.query(unit.trx)
    .insert({ ...secret, last_step: null })
    .onConflict('user_id')
    .merge();
}

export async function setLastStep(unit: Unit, userId: string, step: number): Promise<void> {
  await TotpSecretRow.query(unit.trx)
    .findById(userId)
    .patch({ last_step: String(step) });
}

export async function insertRecoveryCodes(
  unit: Unit,
  userId: string,
  codes: readonly string[],
): Promise<void> {
  for (const code of codes) {
    await RecoveryCodeRow.query(unit.trx).insert({ user_id: userId, code_hash: sha256(code) });
  }
}

/** False when there is no such code, or it was used. */
export async function useRecoveryCode(unit: Unit, userId: string, code: string): Promise<boolean> {
  const gone = await RecoveryCodeRow.query(unit.trx)
    .delete()
    .where({ user_id: userId, code_hash: sha256(code) });
  return gone > 0;
}
