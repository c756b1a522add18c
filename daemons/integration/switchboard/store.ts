import { defined } from '../../../lib/core/defined.ts';
import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { templateConfigSchema } from '../../../lib/providers/whatsapp/template.ts';
import type { Destination } from '../destinations/model.ts';
import { findNamed, lockNamed } from '../destinations/store.ts';
import { storedConfig, type StoredIntegrations, type Switched } from './model.ts';
import { perSwitch, SWITCHES } from './names.ts';

const row = z.object({
  meta_page_id: z.string().nullable(),
  meta_form_id: z.string().nullable(),
  config: storedConfig,
  version: z.int(),
  updated_at: z.date().nullable(),
});
type Row = z.output<typeof row>;

const NOTHING_SET: Row = {
  meta_page_id: null,
  meta_form_id: null,
  config: { meta: {} },
  version: 0,
  updated_at: null,
};

export interface Switchboard {
  readonly stored: StoredIntegrations;
  readonly switched: Switched;
}

export async function findSwitchboard(unit: ClientUnit): Promise<Switchboard> {
  return assemble(await readRow(unit, ''), await findNamed(unit, SWITCHES));
}

/** As findSwitchboard, and nobody else changes it or its destinations until the transaction ends. */
export async function lockSwitchboard(unit: ClientUnit): Promise<Switchboard> {
  const named = await lockNamed(unit, SWITCHES);
  return assemble(await readRow(unit, 'FOR UPDATE'), named);
}

async function readRow(unit: ClientUnit, lock: '' | 'FOR UPDATE'): Promise<Row> {
  const found = await unit.maybeOne(
    row,
    `SELECT meta_page_id, meta_form_id, config, version, updated_at FROM client_integrations
     WHERE client_id = ? ${lock}`,
    [unit.scope.clientId],
  );
  return found ?? NOTHING_SET;
}

/** What the switchboard shows of a destination's settings; all of it may be missing. */
const shown = z.object({
  phone_number_id: z.string().optional(),
  waba_id: z.string().optional(),
  template: templateConfigSchema.optional(),
  spreadsheet_id: z.string().optional(),
  sheet_name: z.string().optional(),
  columns: z.array(z.string()).optional(),
});

function assemble(own: Row, named: ReadonlyMap<string, Destination>): Switchboard {
  const switched = perSwitch((name) => named.get(name));
  const whatsapp = shown.parse(switched.whatsapp?.settings ?? {});
  const sheets = shown.parse(switched.google_sheets?.settings ?? {});
  const stored: StoredIntegrations = {
    whatsapp_enabled: switched.whatsapp?.enabled ?? false,
    google_sheets_enabled: switched.google_sheets?.enabled ?? false,
    google_sheet_id: sheets.spreadsheet_id ?? null,
    meta_page_id: own.meta_page_id,
    meta_form_id: own.meta_form_id,
    config: {
      whatsapp: defined({
        phone_number_id: whatsapp.phone_number_id,
        waba_id: whatsapp.waba_id,
        access_token: switched.whatsapp?.secrets['access_token'],
        template: whatsapp.template,
      }),
      google_sheets: defined({
        sheet_name: sheets.sheet_name,
        columns: sheets.columns,
        service_account: switched.google_sheets?.secrets['service_account'],
      }),
      meta: defined(own.config.meta),
    },
    version: own.version,
    updated_at: own.updated_at,
  };
  return { stored, switched };
}

/** Writes what belongs to no destination. The switches follow by `keepEqual`. */
export async function saveOwn(unit: ClientUnit, next: StoredIntegrations, at: Date): Promise<void> {
  const { meta_page_id, meta_form_id, version } = next;
  await unit
    .trx('client_integrations')
    .insert({
      client_id: unit.scope.clientId,
      meta_page_id,
      meta_form_id,
      config: JSON.stringify({ meta: next.config.meta }),
      version,
      updated_at: at,
    })
    .onConflict('client_id')
    .merge();
}

/**
 * Makes the switches say what their destinations say. Whoever changes one of these, by whichever way,
 * calls it in the same transaction.
 */
export async function keepEqual(unit: ClientUnit): Promise<void> {
  await unit.run(
    `INSERT INTO client_integrations AS i (client_id, whatsapp_enabled, google_sheets_enabled, google_sheet_id)
     SELECT :clientId, COALESCE(bool_or(enabled) FILTER (WHERE name = 'whatsapp'), false),
       COALESCE(bool_or(enabled) FILTER (WHERE name = 'google_sheets'), false),
       min(settings ->> 'spreadsheet_id') FILTER (WHERE name = 'google_sheets')
     FROM destinations WHERE client_id = :clientId AND removed_at IS NULL
     ON CONFLICT (client_id) DO UPDATE SET whatsapp_enabled = excluded.whatsapp_enabled,
       google_sheets_enabled = excluded.google_sheets_enabled,
       google_sheet_id = excluded.google_sheet_id`,
    { clientId: unit.scope.clientId },
  );
}
