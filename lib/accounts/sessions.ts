import type { Unit } from '../db/scope.ts';

/** Ends all of the user's sessions but those of one family; callers hold the user's lock. */
export async function revokeSessionsOf(
  unit: Unit,
  userId: string,
  options: { at: Date; exceptFamilyId?: string | undefined },
): Promise<void> {
  const query = unit
    .trx('refresh_sessions')
    .where('user_id', userId)
    .whereNull('revoked_at')
    .update({ revoked_at: options.at });
  if (options.exceptFamilyId !== undefined) {
    void query.whereNot('family_id', options.exceptFamilyId);
  }
  await query;
}
