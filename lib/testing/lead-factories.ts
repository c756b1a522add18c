import { newId, type ClientId } from '../core/ids.ts';
import { newApiKey } from '../secrets/tokens.ts';
import { aClient, unique, type Sql, type TestClient, type TestMembership } from './factories.ts';

export interface TestProduct {
  readonly id: string;
  readonly categoryId: string;
  readonly industryId: string;
}

/** A product with its category and industry, attached to `client` where one is given. */
export async function aProduct(
  db: Sql,
  given: { name?: string; client?: TestClient; enabled?: boolean } = {},
): Promise<TestProduct> {
  const product = { id: newId(), categoryId: newId(), industryId: newId() };
  await db.query('INSERT INTO industries (id, name) VALUES ($1, $2)', [
    product.industryId,
    `industry-${unique()}`,
  ]);
  await db.query('INSERT INTO product_categories (id, industry_id, name) VALUES ($1, $2, $3)', [
    product.categoryId,
    product.industryId,
    'SUV',
  ]);
  await db.query('INSERT INTO products (id, category_id, name) VALUES ($1, $2, $3)', [
    product.id,
    product.categoryId,
    given.name ?? 'Roadster',
  ]);
  if (given.client) {
    await db.query(
      'INSERT INTO client_products (client_id, product_id, enabled) VALUES ($1, $2, $3)',
      [given.client.clientId, product.id, given.enabled ?? true],
    );
  }
  return product;
}

/** The key's value is in `key`; a client is made when none is given. */
export async function anApiKey(
  db: Sql,
  given: {
    client?: TestClient;
    name?: string;
    scopes?: readonly string[];
    allowedOrigins?: readonly string[];
    rateLimitPerMinute?: number;
    expiresAt?: Date;
    revokedAt?: Date;
  } = {},
): Promise<{ id: string; key: string; clientId: ClientId }> {
  const { clientId } = given.client ?? (await aClient(db));
  const id = newId();
  const { key, keyPrefix, hash } = newApiKey('test');
  await db.query(
    `INSERT INTO client_api_keys (id, client_id, name, key_hash, key_prefix, scopes, allowed_origins,
       rate_limit_per_minute, expires_at, revoked_at)
     VALUES ($1, $2, $3, decode($4, 'hex'), $5, $6, $7, $8, $9, $10)`,
    [
      id,
      clientId,
      given.name ?? `key-${unique()}`,
      hash,
      keyPrefix,
      JSON.stringify(given.scopes ?? ['leads:ingest']),
      JSON.stringify(given.allowedOrigins ?? []),
      given.rateLimitPerMinute ?? null,
      given.expiresAt ?? null,
      given.revokedAt ?? null,
    ],
  );
  return { id, key, clientId };
}

export interface TestLead {
  readonly id: string;
  readonly clientId: ClientId;
}

/** A stored lead without events or deliveries; a client is made when none is given. */
export async function aLead(
  db: Sql,
  given: {
    client?: TestClient;
    assignedTo?: TestMembership;
    product?: TestProduct;
    name?: string;
    email?: string;
    phone?: string;
    source?: string;
    referenceId?: string;
    status?: string;
    createdAt?: Date;
  } = {},
): Promise<TestLead> {
  const clientId =
    given.client?.clientId ?? given.assignedTo?.clientId ?? (await aClient(db)).clientId;
  const id = newId();
  const name = given.name ?? 'Ada Lovelace';
  await db.query(
    `INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, lead_reference_id,
       product_id, status, assigned_to_user_client_id, raw_payload, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)`,
    [
      id,
      clientId,
      name,
      given.email ?? null,
      given.phone ?? null,
      given.phone === undefined ? null : true,
      given.source ?? 'website',
      given.referenceId ?? null,
      given.product?.id ?? null,
      given.status ?? 'new',
      given.assignedTo?.id ?? null,
      JSON.stringify({ name }),
      given.createdAt ?? new Date(),
    ],
  );
  return { id, clientId };
}
