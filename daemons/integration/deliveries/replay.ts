import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { Kinds } from '../kinds/kind.ts';
import { moveTo } from '../sending/follow-settings.ts';
import { findVersions } from './replay-store.ts';
import type { DeliveryRow } from './store.ts';

/**
 * Puts deliveries under their destinations' settings of now, or back under those that each was made
 * under. One that may have gone through to another account is then sent to this one: whoever replays it
 * wants that.
 */
export async function putUnder(
  unit: ClientUnit,
  kinds: Kinds,
  rows: readonly DeliveryRow[],
  which: 'current' | 'original',
): Promise<Failure | undefined> {
  const versionOf = (row: DeliveryRow) =>
    which === 'current' ? null : (row.original_version ?? row.settings_version);
  const groups = Map.groupBy(rows, (row) => `${row.destination_id} ${versionOf(row)}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { destination_id, kind, client_id } = first;
    const [found] = await findVersions(unit, [{ destination_id, version: versionOf(first) }]);
    if (found === undefined) {
      return fail('conflict', 'The destination has no settings to replay under; set them first.');
    }
    const ids = group.map(({ id }) => id);
    await moveTo(unit, kinds, ids, { id: destination_id, client_id, kind, ...found });
  }
  return undefined;
}
