import { z } from 'zod';
import {
  templateConfigSchema,
  type TemplateParameter,
} from '../../../lib/providers/whatsapp/template.ts';
import type { SealedSecret } from '../destinations/model.ts';
import type { SwitchState } from './model.ts';
import type { Switch } from './names.ts';
import type { Integrations, IntegrationsChange } from './shapes.ts';

/*
 * How the switchboard's fields are called in the API, and which settings and secrets of the destinations
 * behind it they are. All else about it goes by this.
 */

/** The settings and secrets of a destination that the switchboard knows. */
export const KNOWN: Readonly<
  Record<Switch, { readonly settings: readonly string[]; readonly secrets: readonly string[] }>
> = {
  whatsapp: { settings: ['phone_number_id', 'waba_id', 'template'], secrets: ['access_token'] },
  google_sheets: {
    settings: ['spreadsheet_id', 'sheet_name', 'columns'],
    secrets: ['service_account'],
  },
};

/** What a change gives for one switch: undefined is not given, null clears. */
export interface GivenSwitch {
  readonly enabled: boolean | undefined;
  /** Settings and secrets by their names. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export function givenFor(change: IntegrationsChange, name: Switch): GivenSwitch {
  return {
    enabled: change[`${name}_enabled`],
    fields: {
      ...change.config?.[name],
      ...(name === 'google_sheets' ? { spreadsheet_id: change.google_sheet_id } : {}),
    },
  };
}

/** Where the API has a setting or a secret. */
export function pathOf(name: Switch, field: string): string {
  return field === 'spreadsheet_id' ? 'google_sheet_id' : `config.${name}.${field}`;
}

/** As the switchboard shows a destination's settings; all of it may be missing. */
const shown = z.object({
  phone_number_id: z.string().optional(),
  waba_id: z.string().optional(),
  template: templateConfigSchema.optional(),
  spreadsheet_id: z.string().optional(),
  sheet_name: z.string().optional(),
  columns: z.array(z.string()).optional(),
});

type ShownSwitches = Pick<
  Integrations,
  'whatsapp_enabled' | 'google_sheets_enabled' | 'google_sheet_id'
> & { readonly config: Omit<Integrations['config'], 'meta'> };

export function presentSwitches({
  whatsapp,
  google_sheets: sheets,
}: Readonly<Record<Switch, SwitchState>>): ShownSwitches {
  const { phone_number_id, waba_id, template } = shown.parse(whatsapp.settings);
  const { spreadsheet_id, sheet_name, columns } = shown.parse(sheets.settings);
  return {
    whatsapp_enabled: whatsapp.enabled,
    google_sheets_enabled: sheets.enabled,
    google_sheet_id: spreadsheet_id ?? null,
    config: {
      whatsapp: {
        phone_number_id: phone_number_id ?? null,
        waba_id: waba_id ?? null,
        access_token: mark(whatsapp.secrets['access_token']),
        template: template ? { ...template, parameters: template.parameters.map(shortest) } : null,
      },
      google_sheets: {
        sheet_name: sheet_name ?? null,
        columns: columns ?? null,
        service_account: mark(sheets.secrets['service_account']),
      },
    },
  };
}

/** Of a secret only that it is there, and since when. */
export function mark(secret: SealedSecret | undefined) {
  if (secret === undefined) return null;
  return { set: true, updated_at: secret.updated_at, fingerprint: secret.fingerprint } as const;
}

/** A field alone is written as its name, as it was most likely given. */
function shortest(parameter: TemplateParameter): string | Record<string, unknown> {
  const { field, ...rest } = parameter;
  const isPlain = Object.values(rest).every((value) => value === undefined);
  return typeof field === 'string' && isPlain ? field : { field, ...rest };
}
