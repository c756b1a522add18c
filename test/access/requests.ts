import type { Pool } from 'pg';
import { fillPath } from '../../lib/contract/client.ts';
import type { Route } from '../../lib/contract/route.ts';
import { anEmptyCategory, anEmptyIndustry, PLACES, somePageId, type Place } from './items.ts';
import { aMembership, aUser, unique } from '../../lib/testing/factories.ts';
import { bindingOf } from '../../daemons/auth/totp/check.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { sealFor } from '../../lib/secrets/sealed.ts';
import type { World } from './cast.ts';
import { FERNET_KEY } from './platform.ts';
import { samplesOf } from './sample.ts';

/** A documented operation: the route, and what the document says of its body. */
export interface Operation {
  readonly route: Route;
  readonly bodySchema: unknown;
  /** The statuses it documents, e.g. `201`. */
  readonly statuses: readonly string[];
}

/** Who a body speaks of, where a schema cannot know. */
interface BodyContext {
  readonly db: Pool;
  readonly world: World;
  /** The user who calls; the manager where nobody in particular does. */
  readonly callerId: string;
}

/** Bodies that must name what exists. A route whose sampled body is refused for its content goes here. */
const BODIES: Readonly<Record<string, (context: BodyContext) => Promise<unknown>>> = {
  'POST /api/auth/register': async () => ({
    email: `walker-${unique()}@example.com`,
    password: 'correct horse battery',
  }),
  'POST /api/auth/login': async () => ({ email: 'nobody@example.com', password: 'wrong' }),
  'POST /api/auth/password/forgot': async () => ({ email: 'nobody@example.com' }),
  // Begun, so that the code is what is wrong.
  'POST /api/auth/totp/confirm': async ({ db, callerId }) => {
    const sealed = sealFor(
      createKeyring([FERNET_KEY]),
      bindingOf(callerId),
      'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    );
    await db.query(
      'INSERT INTO totp_secrets (user_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [callerId, sealed],
    );
    return { code: '000000' };
  },
  'DELETE /api/auth/totp': async () => ({ code: '000000' }),
  // As senior as those who ask, and no more.
  'POST /api/roles': async () => ({ name: `walk-${unique()}`, level: '20' }),
  'POST /api/users': async () => ({ email: `walker-${unique()}@example.com` }),
  'POST /api/clients/{client_id}/members': async ({ db, world }) => ({
    email: (await aUser(db, { emailProven: true })).email,
    role: world.roles.spare.name,
  }),
  'PATCH /api/clients/{client_id}/members/{user_client_id}': async ({ world }) => ({
    role: world.roles.spare.name,
  }),
  'POST /api/tokens': async ({ world }) => ({
    name: `walk-${unique()}`,
    client_id: world.client.clientId,
    role: world.roles.spare.name,
  }),
  'POST /api/hierarchy/check': async ({ world }) => ({
    actor_user_client_id: world.manager.id,
    target_user_client_id: world.owner.id,
  }),
  'POST /api/permissions/check': async ({ callerId }) => ({
    user_id: callerId,
    method: 'GET',
    path: '/api/roles',
  }),
  'POST /api/categories': async ({ db }) => ({
    industry_id: await anEmptyIndustry(db),
    name: 'SUV',
  }),
  'POST /api/products': async ({ db }) => ({
    category_id: (await anEmptyCategory(db)).id,
    name: 'Roadster',
  }),
  'POST /api/clients/{client_id}/meta-sources': async () => ({ page_id: somePageId() }),
  'POST /api/clients/{client_id}/destinations': async () => ({
    name: `walk-${unique()}`,
    kind: 'whatsapp',
    enabled: false,
    settings: { phone_number_id: '1', template: { name: 'new_lead', language: 'en_US' } },
    secrets: { access_token: 'a token' },
  }),
  'POST /api/clients/{client_id}/leads': async () => ({ name: 'Ada' }),
  'POST /api/leads/ingest': async () => ({ name: 'Ada' }),
  'POST /api/leads/ingest/batch': async () => ({ leads: [{ name: 'Ada' }] }),
  'DELETE /api/clients/{client_id}/meta-sources': async ({ db, world }) => {
    const id = await placeOf('source_id').make(db, world, '');
    const { rows } = await db.query<{ page_id: string }>(
      'SELECT page_id FROM meta_sources WHERE id = $1',
      [id],
    );
    return { page_id: rows[0]?.page_id, form_id: '1' };
  },
  'POST /api/clients/{client_id}/suppressions': async () => ({
    channel: 'email',
    address: `walker-${unique()}@example.com`,
  }),
  'DELETE /api/clients/{client_id}/suppressions': async ({ db, world }) => {
    const id = await placeOf('suppression_id').make(db, world, '');
    const { rows } = await db.query<{ address: string }>(
      'SELECT address FROM suppressions WHERE id = $1',
      [id],
    );
    return { channel: 'email', address: rows[0]?.address };
  },
};

export const keyOf = ({ method, path }: Route): string => `${method} ${path}`;

/** The places of a path beside `client_id`. */
export function placesOf({ path }: Route): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)]
    .flatMap(([, name]) => (name === undefined ? [] : [name]))
    .filter((name) => name !== 'client_id');
}

export function placeOf(name: string): Place {
  const place = PLACES[name];
  if (place === undefined) {
    throw new Error(
      `The walk cannot fill {${name}}: say in PLACES (test/access/items.ts) how one is made and whose it is.`,
    );
  }
  return place;
}

/** The route's path in the world's client, each place filled with a thing of the world's own. */
export async function pathFor(
  db: Pool,
  world: World,
  route: Route,
  given: Readonly<Record<string, string>> = {},
): Promise<string> {
  const params: Record<string, string> = { client_id: world.client.clientId };
  for (const name of placesOf(route)) {
    params[name] = given[name] ?? (await placeOf(name).make(db, world, route.path));
  }
  return fillPath(route.path, params);
}

/** A body that the route's own schema takes; undefined where it takes none. */
export async function bodyFor(
  { route, bodySchema }: Operation,
  context: BodyContext,
): Promise<string | undefined> {
  if (route.body === undefined) return undefined;
  const given = await BODIES[keyOf(route)]?.(context);
  if (given !== undefined) return JSON.stringify(given);
  if (route.body.kind === 'raw') return '{}';
  const { schema } = route.body;
  const sample = samplesOf(bodySchema).find((candidate) => schema.safeParse(candidate).success);
  if (sample === undefined) {
    throw new Error(
      `The walk cannot make a body for ${keyOf(route)}: give one in BODIES (test/access/requests.ts).`,
    );
  }
  return JSON.stringify(sample);
}

/** A member below the manager and beside nobody the walk needs: one that may be changed and removed. */
export async function aSpareMember(db: Pool, world: World): Promise<string> {
  return (await aMembership(db, { reportsTo: world.manager, role: world.roles.able })).id;
}
