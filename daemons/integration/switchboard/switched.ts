import type { ClientId } from '../../../lib/core/ids.ts';
import type { Destination } from '../destinations/model.ts';
import type { StoredIntegrations } from './model.ts';
import type { Switch } from './names.ts';
import { defined } from '../../../lib/core/defined.ts';

/** Whether a change is one of this switch's, so that its destination is concerned. */
export function concerns(changed: readonly string[], name: Switch): boolean {
  return changed.some(
    (path) =>
      path.startsWith(`config.${name}.`) ||
      path === `${name}_enabled` ||
      (name === 'google_sheets' && path === 'google_sheet_id'),
  );
}

/** The destination behind a switch as it is to be; what the switchboard does not know of it stays. */
export function destinationAsSwitched(
  clientId: ClientId,
  name: Switch,
  wanted: StoredIntegrations,
  {
    id,
    before,
    now,
  }: { readonly id: string; readonly before: Destination | undefined; readonly now: Date },
): Destination {
  const { settings, secrets, enabled } = NAMED[name](wanted);
  return {
    id,
    client_id: clientId,
    name,
    kind: name,
    enabled,
    occasions: before?.occasions ?? ['lead.created'],
    filter: before?.filter ?? {},
    settings: defined({ ...before?.settings, ...settings }),
    secrets: defined({ ...before?.secrets, ...secrets }),
    version: (before?.version ?? 0) + 1,
    disabled_code: null,
    disabled_message: null,
    created_at: before?.created_at ?? now,
    updated_at: now,
  };
}

/** Each names all its fields: what is undefined was cleared. */
const NAMED = {
  whatsapp: ({ whatsapp_enabled: enabled, config: { whatsapp } }: StoredIntegrations) => ({
    enabled,
    settings: {
      phone_number_id: whatsapp.phone_number_id,
      waba_id: whatsapp.waba_id,
      template: whatsapp.template,
    },
    secrets: { access_token: whatsapp.access_token },
  }),
  google_sheets: ({
    google_sheets_enabled: enabled,
    google_sheet_id,
    config: { google_sheets: sheets },
  }: StoredIntegrations) => ({
    enabled,
    settings: {
      spreadsheet_id: google_sheet_id ?? undefined,
      sheet_name: sheets.sheet_name,
      columns: sheets.columns,
    },
    secrets: { service_account: sheets.service_account },
  }),
} as const;
