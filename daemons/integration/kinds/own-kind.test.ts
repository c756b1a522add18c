import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { applying } from '../../../bin/manifest/testing/applying.ts';
import { createMemoryPlatform } from '../../../bin/manifest/testing/memory-platform.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import { because, hold, retry, type ProviderOutcome } from '../../../lib/providers/outcome.ts';
import { startFakeServer, type FakeServer } from '../../../lib/providers/testing/fake-server.ts';
import { createKeyring } from '../../../lib/secrets/fernet.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import type { TestDaemon } from '../../../lib/testing/daemon.ts';
import { failed, passed } from '../checks/check.ts';
import type { IntegrationContract } from '../contract.ts';
import { rotateSecrets } from '../rotate.ts';
import { createPlainWork, type PlainKind } from '../sending/plain.ts';
import { startIntegrationDaemon } from '../testing/daemon.ts';
import { FERNET_KEY, startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';
import { KINDS } from './index.ts';
import { kindsOf, textIn, type Kind } from './kind.ts';

/*
 * A kind that nothing but this file knows: all that there is beside it has to take it from the registry.
 */

const pagerSettings = z.strictObject({
  url: z.url().describe('Where the pager’s exchange is'),
  team: z.string().min(1).describe('Who is paged'),
});
type PagerSettings = z.output<typeof pagerSettings>;

const page = async (
  { url, team }: PagerSettings,
  key: string,
  body: Readonly<Record<string, string>>,
  signal: AbortSignal,
) =>
  fetch(`${url}/${team}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Pager ${key}` },
    body: JSON.stringify(body),
    signal,
  });

const pagerDeliveries: PlainKind<PagerSettings, Readonly<Record<string, string>>> = {
  settings: pagerSettings,
  inFlight: 4,
  render: ({ fields, delivery }) => ({ id: delivery.id, text: `${fields['name']} called` }),
  async send(body, { settings, secrets, signal }) {
    const startedAt = new Date();
    const [key = ''] = secrets['key'] ?? [];
    const answer = await page(settings, key, body, signal);
    await answer.text();
    const call = {
      operation: 'pager.page',
      startedAt,
      durationMs: Date.now() - startedAt.getTime(),
      httpStatus: answer.status,
      sent: { team: settings.team },
      traceId: null,
    };
    return { ...outcomeOf(answer.status, body), call };
  },
};

function outcomeOf(
  status: number,
  { id = '' }: Readonly<Record<string, string>>,
): ProviderOutcome<{ readonly reference: string }> {
  const reason = { code: String(status), message: `The exchange answered ${status}` };
  if (status === 200) return { kind: 'ok', value: { reference: `page-${id}` } };
  if (status === 401) return because(hold('lane', 'Set another key.'), reason);
  if (status === 422) return because({ kind: 'permanent' }, reason);
  return because(retry(), reason);
}

const pagerKind: Kind = {
  kind: 'pager',
  title: 'Page to a team',
  settings: pagerSettings,
  secrets: {
    key: {
      title: 'Key of the exchange',
      given: z.string().min(8),
      isRequired: true,
      make: () => `key_${randomBytes(12).toString('hex')}`,
    },
  },
  doubt: 'safe_to_repeat',
  account: (settings) => textIn(settings, 'team') ?? '-',
  createWork: ({ clock }) => createPlainWork(pagerDeliveries, { clock }),
  async check({ settings, secret, signal }) {
    const key = secret('key');
    if ('check' in key) return [key.check];
    const answer = await page(pagerSettings.parse(settings), key.secret, { id: '-' }, signal);
    if (answer.status === 200) return [passed('exchange', 'The exchange takes pages.')];
    const remedy = 'Set another key.';
    return [failed('exchange', String(answer.status), { message: 'It takes none.', remedy })];
  },
};

const KINDS_AND_OWN = kindsOf([...KINDS.values(), pagerKind]);

let kit: DeliveryKit;
let daemon: TestDaemon<IntegrationContract>;
let exchange: FakeServer;

beforeAll(async () => {
  kit = await startDeliveryKit();
  exchange = await startFakeServer();
  daemon = await startIntegrationDaemon(kit, KINDS_AND_OWN);
  await kit.worker({ kinds: KINDS_AND_OWN });
  await kit.pool.query(`INSERT INTO clients (client_id, name) VALUES ('acme', 'Acme')`);
});
afterAll(async () => {
  await daemon.stop();
  await kit.drop();
  await exchange[Symbol.asyncDispose]();
});

const admin = () => daemon.client(asAdmin());
const params = { client_id: 'acme' };

/** What has a body, or the reason why it has none. */
function bodyOf<T>(
  answer:
    | { readonly ok: true; readonly body: T }
    | { readonly ok: false; readonly problem: unknown },
): T {
  if (answer.ok) return answer.body;
  throw new Error(JSON.stringify(answer.problem));
}

const answering = (status: number) => exchange.answer({ status });
const statusOf = async (leadId: string | undefined) =>
  (await kit.deliveries('lead_id = $1', [leadId]))[0]?.status;
/** A new lead; resolves to its id once its delivery has this status. */
async function lead(name: string, status: string): Promise<string> {
  const { ids } = await kit.leads('acme', 1, { name });
  await kit.until(async () => (await statusOf(ids[0])) === status);
  return ids[0] ?? '';
}
/** What the exchange was told, and with which key. */
const pages = () =>
  exchange.requests.map(({ json, headers, url }) => ({
    team: url.pathname.slice(1),
    key: headers.authorization?.replace('Pager ', ''),
    text: z.object({ text: z.string().optional() }).parse(json).text,
  }));

/** One story: each step stands on those before it. */
describe('a kind that only this file knows', () => {
  let id = '';
  let key = '';
  let refused = '';
  let waiting: readonly string[] = [];
  const ofIt = () => ({ ...params, destination_id: id });

  test('is among the kinds, with all that a form needs', async () => {
    const kinds = bodyOf(await admin().call('listDestinationKinds', {}));
    expect(kinds.find(({ kind }) => kind === 'pager')).toMatchObject({
      title: 'Page to a team',
      settings_schema: { required: ['url', 'team'], properties: { team: { type: 'string' } } },
      secrets: [{ name: 'key', required: true, made_when_missing: true }],
    });
  });

  test('is made, with a secret that is shown once', async () => {
    answering(200);
    const wrong = await admin().call('createDestination', {
      params,
      body: { name: 'night', kind: 'pager', settings: { url: exchange.baseUrl } },
    });
    expect(wrong).toMatchObject({
      ok: false,
      problem: { errors: [{ path: 'body.settings.team' }] },
    });
    const made = bodyOf(
      await admin().call('createDestination', {
        params,
        body: { name: 'night', kind: 'pager', settings: { url: exchange.baseUrl, team: 'one' } },
      }),
    );
    expect(made).toMatchObject({ name: 'night', kind: 'pager', warnings: [] });
    id = made.id;
    key = made.secrets['key']?.value ?? '';
    expect(key).toMatch(/^key_/);
    const read = await admin().call('getDestination', { params: ofIt() });
    expect(JSON.stringify(read)).not.toContain(key);
  });

  test('is tried before the first lead', async () => {
    answering(401);
    const report = bodyOf(await admin().call('testDestination', { params: ofIt() }));
    expect(report).toMatchObject({
      destination: { name: 'night', kind: 'pager' },
      ok: false,
      checks: [{ code: '401', remedy: 'Set another key.' }],
    });
    answering(200);
    expect(bodyOf(await admin().call('testDestination', { params: ofIt() })).ok).toBe(true);
  });

  test('is sent a lead', async () => {
    answering(200);
    const leadId = await lead('Ada', 'delivered');
    expect(pages().at(-1)).toEqual({ team: 'one', key, text: 'Ada called' });
    const { data } = bodyOf(
      await admin().call('listDeliveries', { params, query: { lead_id: leadId } }),
    );
    expect(data).toMatchObject([
      {
        integration: 'pager',
        destination: { id, name: 'night', kind: 'pager' },
        occasion: 'created',
        provider_reference: `page-${data[0]?.id}`,
      },
    ]);
  });

  test('is tried again after an error that passes', async () => {
    let answers = 0;
    exchange.answer(() => {
      answers += 1;
      return { status: answers === 1 ? 503 : 200 };
    });
    await lead('Bea', 'delivered');
    expect(answers).toBe(2);
  });

  test('refuses a lead, and no other', async () => {
    answering(422);
    refused = await lead('Cid', 'failed');
    answering(200);
    await lead('Dot', 'delivered');
    const [row] = await kit.deliveries('lead_id = $1', [refused]);
    expect(row).toMatchObject({ last_error_code: '422', attempts: 1 });
  });

  test('is held when its key is refused, and says so', async () => {
    answering(401);
    waiting = [await lead('Eve', 'held'), await lead('Fay', 'held')];
    const [destination] = bodyOf(await admin().call('listDestinations', { params })).data;
    expect(destination?.held).toMatchObject([
      { account: 'one', code: '401', message: 'The exchange answered 401. Set another key.' },
    ]);
  });

  test('is released, and sent what waited', async () => {
    answering(200);
    const done = bodyOf(await admin().call('releaseDestination', { params: ofIt() }));
    expect(done).toEqual({ released: 2, lanes: 1 });
    for (const leadId of waiting) {
      await kit.until(async () => (await statusOf(leadId)) === 'delivered');
    }
    expect(bodyOf(await admin().call('getDestination', { params: ofIt() })).held).toEqual([]);
  });

  test('is sent again what failed, when that is replayed', async () => {
    answering(200);
    const body = { destination: 'night' };
    const done = bodyOf(await admin().call('replayDeliveries', { params, body }));
    expect(done).toMatchObject({
      count: 1,
      groups: [{ integration: 'pager', destination: { name: 'night' }, code: '422', count: 1 }],
    });
    await kit.until(async () => (await statusOf(refused)) === 'delivered');
  });

  test('goes on under a new key of the platform’s, with the secret that it had', async () => {
    const newest = randomBytes(32).toString('base64url').padEnd(44, '=');
    await kit.stopWorkers();
    const database = createDatabase({
      url: kit.url,
      role: 'leadctl_worker',
      applicationName: 'test',
      poolMax: 1,
    });
    const keyring = createKeyring([newest, FERNET_KEY]);
    const report = await rotateSecrets({ database, keyring });
    await database.stop();
    expect(report).toEqual({ clients: 1, rotated: 1, failed: [] });
    // The old one is thrown away.
    await kit.worker({ kinds: KINDS_AND_OWN, fernetKeys: [newest] });
    answering(200);
    await lead('Gil', 'delivered');
    expect(pages().at(-1)).toEqual({ team: 'one', key, text: 'Gil called' });
  });

  test('is described by a manifest, which makes it again in another client', async () => {
    await kit.pool.query(`INSERT INTO clients (client_id, name) VALUES ('bolt', 'Bolt')`);
    // Clients are a service of another daemon's; their destinations are this one's.
    const memory = createMemoryPlatform([]);
    const { plan, apply, exportOf } = applying({ ...memory.api, integrations: admin() });
    const clients = ['acme', 'bolt'].map((client_id) => ({ client_id, name: client_id }));
    await apply({ apiVersion: 'leadctl/v1', clients });

    const exported = await exportOf('acme');
    const [found] = z
      .object({ clients: z.tuple([z.looseObject({ destinations: z.array(z.looseObject({})) })]) })
      .parse(exported).clients;
    expect(found.destinations).toEqual([
      {
        name: 'night',
        kind: 'pager',
        on: ['lead.created'],
        settings: { team: 'one', url: exchange.baseUrl },
        secrets: {},
      },
    ]);
    expect(JSON.stringify(exported)).not.toContain(key);
    expect(await plan(exported)).toEqual({ steps: [], problems: [] });

    const moved = { ...found, client_id: 'bolt', name: 'bolt' };
    const manifest = { apiVersion: 'leadctl/v1', clients: [moved] };
    expect(await apply(manifest)).toMatchObject([
      {
        status: 'done',
        oneTime: { kind: 'secrets', secrets: { key: expect.stringMatching(/^key_/) } },
      },
    ]);
    expect(await plan(manifest)).toEqual({ steps: [], problems: [] });
    const wrong = [{ name: 'day', kind: 'pager', settings: { tem: 'x', team: 7 } }];
    const mistaken = { ...manifest, clients: [{ ...moved, destinations: wrong }] };
    expect((await plan(mistaken)).problems).toEqual([
      'a pager has no setting "tem"; did you mean "team"?',
      'must be text (in quotes)',
      '"settings.url" is missing',
    ]);
  });
});
