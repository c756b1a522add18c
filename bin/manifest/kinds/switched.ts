import type { SWITCHES } from '../../../daemons/integration/contract.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { jsonSchemaIn, propertiesOf } from '../../client/json-schema.ts';
import type { State } from '../thing.ts';
import { ref, type Ref } from '../thing.ts';

/*
 * Two destinations can be written in two places: as `integrations`, which know some of their settings
 * only, or among the `destinations`, which know all.
 */

/** Each is the name of a destination and of its kind. */
type Switch = (typeof SWITCHES)[number];

const PREFIX: Readonly<Record<Switch, string>> = {
  whatsapp: 'whatsapp',
  google_sheets: 'google_sheet',
};

/** As the destination has them. */
const SETTINGS: Readonly<Record<Switch, readonly string[]>> = {
  whatsapp: ['phone_number_id', 'waba_id', 'template'],
  google_sheets: ['spreadsheet_id', 'sheet_name', 'columns'],
};

export function destinationRef(clientId: ClientId, name: string): Ref<ClientId> {
  return ref('destination', clientId, name);
}

export function destinationKindRef(kind: string): Ref<null> {
  return ref('destination_kind', null, kind);
}

/** Whether a field of `integrations` is about this destination: `whatsapp.template`, `whatsapp_enabled`. */
export function isOf(name: Switch, path: string): boolean {
  return path.startsWith(PREFIX[name]);
}

/** Whether `integrations` say all that there is of it. */
export function isSwitchOnly(state: State, clientId: ClientId, name: Switch): boolean {
  const found = state.find(destinationRef(clientId, name));
  if (found === undefined) return true;
  const schema = jsonSchemaIn(state.find(destinationKindRef(name))?.fields['settings_schema']);
  const usual = propertiesOf(schema);
  return Object.entries(found.fields).every(([field, value]) => {
    if (field === 'on') return JSON.stringify(value) === '["lead.created"]';
    if (field === 'filter') return Object.keys(Object(value)).length === 0;
    const setting = field.startsWith('settings.') ? field.slice('settings.'.length) : undefined;
    if (setting === undefined || SETTINGS[name].includes(setting)) return true;
    return JSON.stringify(usual[setting]?.default) === JSON.stringify(value);
  });
}
