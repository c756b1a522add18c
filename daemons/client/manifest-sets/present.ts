import { clientIdSchema } from '../../../lib/core/ids.ts';
import type { SetEntry } from './shapes.ts';
import type { SetEntryRow } from './store.ts';

export function present({ kind, client_id, identity }: SetEntryRow): SetEntry {
  return {
    kind,
    client_id: client_id === null ? null : clientIdSchema.parse(client_id),
    identity,
  };
}
