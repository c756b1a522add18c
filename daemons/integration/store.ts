import { Model } from 'objection';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { storedConfig, type DeliverySettings, type StoredConfig } from './settings.ts';

class IntegrationRow extends Model {
  static override readonly tableName = 'client_integrations';
  static override readonly idColumn = 'client_id';
  static override readonly jsonAttributes = ['config'];

  declare client_id: string;
  declare whatsapp_enabled: boolean;
  declare google_sheets_enabled: boolean;
  declare google_sheet_id: string | null;
  declare meta_page_id: string | null;
  declare meta_form_id: string | null;
  declare config: unknown;
  declare version: number;
  declare updated_at: Date;
}

/** A client's integrations as they are kept; version 0 while nothing was ever set. */
export interface StoredIntegrations {
  readonly whatsapp_enabled: boolean;
  readonly google_sheets_enabled: boolean;
  readonly google_sheet_id: string | null;
  readonly meta_page_id: string | null;
  readonly meta_form_id: string | null;
  readonly config: StoredConfig;
  readonly version: number;
  readonly updated_at: Date | null;
}

const NOTHING_SET: StoredIntegrations = {
  whatsapp_enabled: false,
  google_sheets_enabled: false,
  google_sheet_id: null,
  meta_page_id: null,
  meta_form_id: null,
  config: storedConfig.parse({}),
  version: 0,
  updated_at: null,
};

export async function findIntegrations(unit: ClientUnit): Promise<StoredIntegrations> {
  return read(await IntegrationRow.query(unit.trx).findById(unit.scope.clientId));
}

/** As findIntegrations, and nobody else changes them until the transaction ends. */
export async function lockIntegrations(unit: ClientUnit): Promise<StoredIntegrations> {
  const { clientId } = unit.scope;
  // The client's row stands for a row of settings that may not be there yet.
  await unit.trx('clients').where('client_id', clientId).forUpdate().first('client_id');
  // A rotation of the secrets' keys locks only this one; without it we would put an old token back.
  return read(await IntegrationRow.query(unit.trx).findById(clientId).forUpdate());
}

function read(row: IntegrationRow | undefined): StoredIntegrations {
  if (row === undefined) return NOTHING_SET;
  return {
    whatsapp_enabled: row.whatsapp_enabled,
    google_sheets_enabled: row.google_sheets_enabled,
    google_sheet_id: row.google_sheet_id,
    meta_page_id: row.meta_page_id,
    meta_form_id: row.meta_form_id,
    config: storedConfig.parse(row.config),
    version: row.version,
    updated_at: row.updated_at,
  };
}

export async function saveIntegrations(
  unit: ClientUnit,
  next: StoredIntegrations,
  settings: DeliverySettings,
  at: Date,
): Promise<StoredIntegrations> {
  const { clientId } = unit.scope;
  const saved = { ...next, client_id: clientId, version: next.version + 1, updated_at: at };
  await IntegrationRow.query(unit.trx)
    .insert({
      client_id: clientId,
      whatsapp_enabled: saved.whatsapp_enabled,
      google_sheets_enabled: saved.google_sheets_enabled,
      google_sheet_id: saved.google_sheet_id,
      meta_page_id: saved.meta_page_id,
      meta_form_id: saved.meta_form_id,
      config: saved.config,
      version: saved.version,
      updated_at: at,
    })
    .onConflict('client_id')
    .merge();
  await unit.trx('client_integration_versions').insert({
    client_id: clientId,
    version: saved.version,
    settings: JSON.stringify(settings),
    created_at: at,
  });
  return saved;
}

export interface HeldLane {
  readonly integration: 'whatsapp' | 'google_sheets';
  readonly account: string;
  readonly held_at: Date;
  readonly held_code: string;
  readonly held_message: string;
}

export async function findHeldLanes(unit: ClientUnit): Promise<HeldLane[]> {
  return unit
    .trx<HeldLane & { client_id: string; lane_key: string }>('lanes')
    .where('client_id', unit.scope.clientId)
    .whereNotNull('held_at')
    .orderBy('lane_key')
    .select('integration', 'account', 'held_at', 'held_code', 'held_message');
}
