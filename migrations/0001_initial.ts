import type { Knex } from 'knex';
import * as databaseRoles from './initial/database-roles.ts';
import * as people from './initial/people.ts';
import * as machineTokens from './initial/machine-tokens.ts';
import * as catalogue from './initial/catalogue.ts';
import * as leads from './initial/leads.ts';
import * as destinations from './initial/destinations.ts';
import * as deliveries from './initial/deliveries.ts';
import * as suppressions from './initial/suppressions.ts';
import * as webhooks from './initial/webhooks.ts';
import * as refusals from './initial/refusals.ts';
import * as audit from './initial/audit.ts';
import * as manifestSets from './initial/manifest-sets.ts';
import * as limits from './initial/limits.ts';
import * as rights from './initial/rights.ts';

/** The whole schema by concern, in the order in which tables refer to one another. */
const PARTS: readonly Knex.Migration[] = [
  databaseRoles,
  people,
  machineTokens,
  catalogue,
  leads,
  destinations,
  deliveries,
  suppressions,
  webhooks,
  refusals,
  audit,
  manifestSets,
  limits,
  rights,
];

export async function up(knex: Knex): Promise<void> {
  for (const part of PARTS) await part.up(knex);
}

export async function down(knex: Knex): Promise<void> {
  for (const part of PARTS.toReversed()) await part.down?.(knex);
}
