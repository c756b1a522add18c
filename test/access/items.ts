import type { Pool } from 'pg';
import { newId } from '../../lib/core/ids.ts';
import { aMachineToken, aMembership, aRole, aUser, unique } from '../../lib/testing/factories.ts';
import { aLead, anApiKey, aProduct } from '../../lib/testing/lead-factories.ts';
import type { TestClient, TestMembership } from '../../lib/testing/factories.ts';
import type { World } from './cast.ts';

/** How the thing behind a place in a path is made, and whose it is. */
export interface Place {
  /**
   * `client`: whoever holds the permission in the client may · `owned`: only the owner and those
   * above · `member`: as owned, but those below know that it exists · `shared`: of no client.
   */
  readonly belongs: 'client' | 'owned' | 'member' | 'shared';
  /** Its id: in the world's client, of its owner. */
  make(db: Pool, world: World, path: string): Promise<string>;
  /** One of the other client; not there for what is shared. */
  makeForeign?(db: Pool, world: World): Promise<string>;
}

/** What a role of the walk holds, for it to be taken away. */
const HELD = 'GET /api/roles';

/** Every place that a path can have, beside `client_id`. A new one is added here. */
export const PLACES: Readonly<Record<string, Place>> = {
  lead_id: {
    belongs: 'owned',
    make: async (db, { owner }) => (await aLead(db, { assignedTo: owner })).id,
    makeForeign: async (db, { foreigner }) => (await aLead(db, { assignedTo: foreigner })).id,
  },
  user_client_id: {
    belongs: 'member',
    make: async (_db, { owner }) => owner.id,
    makeForeign: async (db, { foreigner: reportsTo }) => (await aMembership(db, { reportsTo })).id,
  },
  key_id: {
    belongs: 'client',
    make: (db, { client }) => aRefusedKey(db, client),
    makeForeign: (db, { other }) => aRefusedKey(db, other),
  },
  delivery_id: {
    belongs: 'owned',
    make: (db, { client, owner }) => aFailedDelivery(db, client, owner),
    makeForeign: (db, { other, foreigner }) => aFailedDelivery(db, other, foreigner),
  },
  source_id: {
    belongs: 'client',
    make: (db, { client }) => aMetaSource(db, client),
    makeForeign: (db, { other }) => aMetaSource(db, other),
  },
  destination_id: {
    belongs: 'client',
    make: (db, { client }) => aDestination(db, client),
    makeForeign: (db, { other }) => aDestination(db, other),
  },
  suppression_id: {
    belongs: 'client',
    make: (db, { client }) => aSuppression(db, client),
    makeForeign: (db, { other }) => aSuppression(db, other),
  },
  integration: { belongs: 'client', make: async () => 'meta' },
  product_id: {
    belongs: 'shared',
    make: async (db, { client }, path) =>
      (await aProduct(db, path.includes('{client_id}') ? { client } : {})).id,
  },
  category_id: { belongs: 'shared', make: async (db) => (await anEmptyCategory(db)).id },
  industry_id: { belongs: 'shared', make: anEmptyIndustry },
  role_id: {
    belongs: 'shared',
    make: async (db) => (await aRole(db, { level: 30, grants: [HELD] })).id,
  },
  permission_id: {
    belongs: 'shared',
    make: async (db) => {
      const { rows } = await db.query<{ id: string }>(
        "SELECT id FROM permissions WHERE method || ' ' || path = $1",
        [HELD],
      );
      return rows[0]?.id ?? '';
    },
  },
  // Everybody’s own: of others there is none.
  session_id: { belongs: 'shared', make: async () => newId() },
  token_id: {
    belongs: 'shared',
    make: async (db, { client, roles }) =>
      (await aMachineToken(db, { client, role: roles.spare })).id,
  },
  set: { belongs: 'shared', make: async () => `set-${unique()}` },
  user_id: {
    belongs: 'shared',
    make: async (db) => (await aUser(db, { status: 'invited' })).id,
  },
};

export async function anEmptyIndustry(db: Pool): Promise<string> {
  const id = newId();
  await db.query('INSERT INTO industries (id, name) VALUES ($1, $2)', [id, unique()]);
  return id;
}

export async function anEmptyCategory(db: Pool): Promise<{ id: string }> {
  const id = newId();
  await db.query('INSERT INTO product_categories (id, industry_id, name) VALUES ($1, $2, $3)', [
    id,
    await anEmptyIndustry(db),
    unique(),
  ]);
  return { id };
}

export const somePageId = (): string => String(Number.parseInt(unique(), 16));

/** A key of which something was refused, for the lists of both. */
async function aRefusedKey(db: Pool, client: TestClient): Promise<string> {
  const { id } = await anApiKey(db, { client });
  await db.query(
    `INSERT INTO refusals (client_id, minute, key_id, origin, ip, reason, count, last_at)
     VALUES ($1, date_trunc('minute', now()), $2, '', '192.0.2.1', 'rate_limited', 1, now())`,
    [client.clientId, id],
  );
  return id;
}

async function aMetaSource(db: Pool, { clientId }: TestClient): Promise<string> {
  const id = newId();
  await db.query(
    'INSERT INTO meta_sources (id, client_id, page_id, form_id) VALUES ($1, $2, $3, 1)',
    [id, clientId, String(Number.parseInt(unique(), 16))],
  );
  return id;
}

async function aSuppression(db: Pool, { clientId }: TestClient): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO suppressions (id, client_id, channel, address, made_by, said_at)
     VALUES ($1, $2, 'email', $3, 'operator', now())`,
    [id, clientId, `${unique()}@example.com`],
  );
  return id;
}

/** One that lacks its settings, so that nobody is asked anything. */
async function aDestination(db: Pool, { clientId }: TestClient): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO destinations (id, client_id, name, kind) VALUES ($1, $2, $3, 'whatsapp')`,
    [id, clientId, `walk-${unique()}`],
  );
  await db.query(
    `INSERT INTO destination_versions (client_id, destination_id, version, settings)
     VALUES ($1, $2, 1, '{}')`,
    [clientId, id],
  );
  await db.query(
    `INSERT INTO lanes (lane_key, client_id, destination_id, kind, account)
     VALUES ($1, $2, $3, 'whatsapp', '-')`,
    [`${id}/-`, clientId, id],
  );
  return id;
}

async function aFailedDelivery(
  db: Pool,
  client: TestClient,
  owner: TestMembership,
): Promise<string> {
  const [id, destinationId] = [newId(), await aDestination(db, client)];
  const lead = await aLead(db, { assignedTo: owner });
  await db.query(
    `INSERT INTO deliveries (id, client_id, lead_id, destination_id, kind, lane_key, settings_version, status)
     VALUES ($1, $2, $3, $4, 'whatsapp', $5, 1, 'failed')`,
    [id, client.clientId, lead.id, destinationId, `${destinationId}/-`],
  );
  return id;
}
