import type { Unit } from '../db/scope.ts';

/** Ends all of the user's sessions but one, and with them their access tokens; callers hold the user's lock. */
export async function endSessionsOf(
  unit: Unit,
  userId: string,
  options: { at: Date; exceptId?: string | undefined },
): Promise<void> {
  const query = unit
    .trx('sessions')
    .where('user_id', userId)
    .whereNull('ended_at')
    .update({ ended_at: options.at });
  if (options.exceptId !== undefined) void query.whereNot('id', options.exceptId);
  await query;
}
