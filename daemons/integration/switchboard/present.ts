import type { ClientId } from '../../../lib/core/ids.ts';
import type { Warning } from '../checks/shapes.ts';
import type { HeldLane } from '../destinations/store.ts';
import type { StoredIntegrations } from './model.ts';
import { isSwitch } from './names.ts';
import type { Integrations } from './shapes.ts';
import { mark, presentSwitches } from './wire.ts';

/** The lanes that are held, and the ids of the destinations behind the switches. */
export interface ShownLanes {
  readonly held: readonly HeldLane[];
  readonly switched: ReadonlySet<string>;
}

/** The integrations as they are shown. */
export function present(
  clientId: ClientId,
  stored: StoredIntegrations,
  { held, switched }: ShownLanes,
  warnings: readonly Warning[],
): Integrations {
  const { config, ...fields } = presentSwitches(stored.switches);
  return {
    client_id: clientId,
    ...fields,
    meta_page_id: stored.meta_page_id,
    meta_form_id: stored.meta_form_id,
    config: { ...config, meta: { page_access_token: mark(stored.page_access_token) } },
    version: stored.version,
    updated_at: stored.updated_at?.toISOString() ?? null,
    held: held.flatMap(({ kind, ...lane }) =>
      isSwitch(kind) && switched.has(lane.destination_id)
        ? [
            {
              integration: kind,
              account: lane.account,
              code: lane.held_code,
              message: lane.held_message,
              held_at: lane.held_at.toISOString(),
            },
          ]
        : [],
    ),
    warnings: [...warnings],
  };
}
