import type { ClientId } from '../../../lib/core/ids.ts';
import type { TemplateParameter } from '../../../lib/providers/whatsapp/template.ts';
import type { Integrations } from './shapes.ts';
import type { Warning } from '../checks/shapes.ts';
import type { SealedSecret } from '../destinations/model.ts';
import type { HeldLane } from '../destinations/store.ts';
import { type StoredIntegrations } from './model.ts';
import { isSwitch } from './names.ts';

/** The lanes that are held, and the ids of the destinations behind the switches. */
export interface ShownLanes {
  readonly held: readonly HeldLane[];
  readonly switched: ReadonlySet<string>;
}

/** The integrations as they are shown: of a secret only that it is there, and since when. */
export function present(
  clientId: ClientId,
  stored: StoredIntegrations,
  { held, switched }: ShownLanes,
  warnings: readonly Warning[],
): Integrations {
  const { whatsapp, google_sheets: sheets, meta } = stored.config;
  return {
    client_id: clientId,
    whatsapp_enabled: stored.whatsapp_enabled,
    google_sheets_enabled: stored.google_sheets_enabled,
    google_sheet_id: stored.google_sheet_id,
    meta_page_id: stored.meta_page_id,
    meta_form_id: stored.meta_form_id,
    config: {
      whatsapp: {
        phone_number_id: whatsapp.phone_number_id ?? null,
        waba_id: whatsapp.waba_id ?? null,
        access_token: mark(whatsapp.access_token),
        template: whatsapp.template
          ? { ...whatsapp.template, parameters: whatsapp.template.parameters.map(shortest) }
          : null,
      },
      google_sheets: {
        sheet_name: sheets.sheet_name ?? null,
        columns: sheets.columns === undefined ? null : [...sheets.columns],
        service_account: mark(sheets.service_account),
      },
      meta: { page_access_token: mark(meta.page_access_token) },
    },
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

function mark(secret: SealedSecret | undefined) {
  if (secret === undefined) return null;
  return { set: true, updated_at: secret.updated_at, fingerprint: secret.fingerprint } as const;
}

/** A field alone is written as its name, as it was most likely given. */
function shortest(parameter: TemplateParameter): string | Record<string, unknown> {
  const { field, ...rest } = parameter;
  const isPlain = Object.values(rest).every((value) => value === undefined);
  return typeof field === 'string' && isPlain ? field : { field, ...rest };
}
