import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasTmux, renderedScreen, type Screen, tmuxScreen, until } from './console-screen.ts';
import {
  accessToken,
  getJson,
  type Platform,
  startUp,
  type Workplace,
  workplace,
} from './platform.ts';

let at: Workplace;
let platform: Platform;
let dir: string;
let env: Record<string, string>;
let screen: Screen;

beforeAll(async () => {
  at = await workplace(23_000);
  platform = await startUp(at);
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-drive-'));
  await writeFile(path.join(dir, 'sa.json'), serviceAccount());
  const { gateway } = platform.ready;
  env = { LEADCTL_URL: gateway, LEADCTL_TOKEN: await accessToken(gateway), NO_COLOR: '1' };
});
afterAll(async () => {
  await platform.stop();
  await at.remove();
  await rm(dir, { recursive: true, force: true });
});

/** Of nobody's; Google's library wants a real key to sign with. */
function serviceAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return JSON.stringify({
    type: 'service_account',
    client_email: 'demo@leadctl-demo.iam.gserviceaccount.com',
    private_key: privateKey,
    token_uri: 'https://oauth2.googleapis.com/token',
  });
}

const ESCAPE = '\u001b';
const DOWN = '\u001b[B';
const DO_IT = '\u0013';

async function goTo(view: string, shows: string): Promise<void> {
  await screen.press(`:${view}\r`);
  await until(screen, shows);
}

async function choose(text: string): Promise<void> {
  await screen.press(`/${text}\r`);
  // What was just made is not in the list before it is read again.
  await until(screen, new RegExp(`/${text}(?![^]*Nothing matches)`));
}

/** Opens what is offered here, fills the form field by field (null leaves one as it is) and does it. */
async function act(
  label: string,
  typed: readonly (string | null)[],
  told: string | RegExp,
): Promise<string> {
  const lines = (await until(screen, label, { press: 'a' })).split('\n');
  const first = lines.findIndex((line) => line.startsWith('1  '));
  const index = lines.findIndex((line) => line.includes(label)) - first;
  await screen.press('j'.repeat(index));
  await screen.press('\r');
  await until(screen, 'Ctrl-S do it');
  for (const text of typed) {
    if (text !== null) await screen.press(text);
    await screen.press(DOWN);
  }
  await screen.press(DO_IT);
  return await until(screen, told);
}

const back = async (shows: string): Promise<void> => {
  await screen.press(ESCAPE);
  await until(screen, shows);
};

const fault = (method: string, body?: unknown): Promise<Response> =>
  fetch(`${platform.ready.sandbox}/_sandbox/faults`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const MEMBERS = [
  ['ana', null],
  ['ben', 'a'],
  ['cyd', 'a'],
  ['dee', 'b'],
  ['eva', 'b'],
  ['fay', 'c'],
] as const;

async function membersOf(client: string): Promise<number> {
  const headers = { authorization: `Bearer ${env['LEADCTL_TOKEN']}` };
  const { data } = await getJson(`${platform.ready.gateway}/api/clients/${client}/members`, {
    headers,
  });
  return Array.isArray(data) ? data.length : 0;
}

async function drive(client: string, on: Screen): Promise<void> {
  screen = on;
  try {
    await onboardAndMend(client);
  } finally {
    await on.close();
  }
}

/** A client from nothing to a delivered lead, a token that dies, and the one that mends it: never left. */
async function onboardAndMend(client: string): Promise<void> {
  const { sandbox } = platform.ready;
  const role = `x-${client}`;
  await until(screen, 'Clients (');
  await act('Create a client', [client, client, 'DE'], `Created ${client}`);
  await goTo(`client ${client}`, `Start`);

  await goTo('roles', 'Roles (');
  await act('Create a role', [role, '40', null], `Created ${role}`);
  await choose(role);
  await act('Grant', ['* /api/clients/{client_id}/leads/**'], /may do \d+ things/);

  await goTo('members', 'Members (');
  for (const [name, manager] of MEMBERS) {
    const email = `${name}@${client}.example`;
    await act('Add a member', [email, 'x', manager], `Invited ${email}`);
    await back('Members (');
  }
  // A terminal that is looked at while it is drawn shows a part.
  const all = MEMBERS.map(([name]) => `(?=[^]*${name}@)`).join('');
  const tree = await until(screen, new RegExp(`Members \\(6\\)${all}`), { press: 'r' });
  const depths = MEMBERS.map(([name]) => {
    const line = tree.split('\n').find((one) => one.includes(`${name}@`)) ?? '';
    return line.search(/\S/) / 2;
  });
  expect(depths).toEqual([0, 1, 1, 2, 2, 2]);

  await goTo('catalogue', 'Catalogue');
  await act('Create an industry', [`Boats${client}`], 'Created Boats');
  await choose(`boats${client}`);
  await act(`Create a category in`, [`Sail${client}`], /Created \S+\/Sail/);
  await goTo('catalogue', 'Catalogue');
  await choose(`sail${client}`);
  await act(`Create a product in`, [`Dinghy${client}`], /Created \S+\/Dinghy/);
  await goTo('catalogue', 'Catalogue');
  await choose(`dinghy${client}`);
  await act(`Let ${client} offer it`, [], `${client} offers`);
  await goTo('products', 'Products offered (1)');

  await goTo('keys', 'API keys (');
  const key = await act('Create a key', ['website', 'https://boats.example', null, null], '<form');
  expect(key).toContain(`${client}_live_`);
  await back('API keys (1)');

  await goTo('destinations', 'Destinations (');
  const hook = `${sandbox}/hooks/${client}`;
  await act('Create: Webhook', ['crm', null, hook], /Made crm/);
  await until(screen, 'whsec_');
  await back('Destinations (1)');
  await act('Create: E-mail', ['mail', null, 'sales@boats.example'], /Made mail/);
  await goTo('destinations', 'Destinations (2)');
  const slack = `${sandbox}/services/T0DEMO/B0DEMO/sales`;
  await act('Slack channel', ['team', null, slack], /Made team/);
  await goTo('destinations', 'Destinations (3)');
  const account = `@${path.join(dir, 'sa.json')}`;
  await act(
    'Create: Row',
    ['sheet', null, 'acme-leads', 'Leads', null, null, account],
    /Made sheet/,
  );
  await goTo('destinations', 'Destinations (4)');
  const whatsapp = ['100000000000001', null, null, 'new_lead', 'en_US', 'name'];
  await act('Create: WhatsApp', ['wa', null, ...whatsapp, 'first-token'], /Made wa/);
  await goTo('destinations', 'Destinations (5)');

  await goTo('leads', 'Leads (');
  await act('Enter a lead', ['Ada', `ada@${client}.example`, '+4930901820'], 'Entered');
  await goTo('deliveries', 'Deliveries (');
  await until(screen, /(delivered[\s\S]*){5}/, { press: 'r' });

  const dead = { provider: 'whatsapp', operation: 'messages', status: 401, code: 190 };
  await fault('POST', dead);
  await goTo('leads', 'Leads (');
  await act('Enter a lead', ['Bob', `bob@${client}.example`, '+4930901821'], 'Entered');
  await goTo('destinations', 'Destinations (5)');
  await until(screen, /wa +whatsapp +held/, { press: 'r' });
  await choose('wa');
  await screen.press('\r');
  await until(screen, '190');
  await back('Destinations (5)');
  // What a person does at Meta: a token that lives.
  await fault('DELETE');
  await act(
    'Change its settings',
    [null, null, null, null, null, null, null, 'second-token'],
    'Changed wa',
  );
  await goTo('destinations', 'Destinations (5)');
  await choose('wa');
  await act('Test it', [], /Tested wa[\s\S]*phone_number +ok/);
  await back('Destinations (5)');
  if (/wa +whatsapp +held/.test(screen.frame())) {
    await act('Release what is held', [], 'is tried again');
  }
  await goTo('deliveries', 'Deliveries (10)');
  await until(screen, /(delivered[\s\S]*){10}/, { press: 'r' });
}

test.runIf(hasTmux())(
  'a client is onboarded, and a dead token mended, in a real terminal',
  async () => {
    await drive('boats', tmuxScreen({ env, configDir: dir }));
    expect(await membersOf('boats')).toBe(6);
  },
  180_000,
);

test.runIf(hasTmux())(
  'the README’s pictures can be taken',
  async () => {
    const out = path.join(dir, 'pictures');
    const { gateway, demo } = platform.ready;
    let sent = 1_000;
    const leads = setInterval(() => {
      // A number of its own each: one number is written to a few times a day at most.
      sent += 1;
      const headers = { 'content-type': 'application/json', 'x-api-key': demo.api_key };
      const body = JSON.stringify({
        name: 'Ada',
        email: 'ada@mail.example',
        phone: `+4930901${sent}`,
      });
      fetch(`${gateway}/api/leads/ingest`, { method: 'POST', headers, body }).catch(
        () => undefined,
      );
    }, 1_000);
    try {
      const script = new URL('../tools/pictures.js', import.meta.url).pathname;
      await promisify(execFile)(process.execPath, [script, out], {
        env: { ...process.env, ...env, LEADCTL_CLIENT: demo.client_id },
      });
    } finally {
      clearInterval(leads);
    }
    for (const name of ['console', 'tail', 'dashboard']) {
      const svg = await readFile(path.join(out, `${name}.svg`), 'utf8');
      expect(svg).toMatch(/^<svg xmlns[^]*acme[^]*<\/svg>\n$/);
      expect(svg).not.toContain('\u001b');
    }
  },
  120_000,
);

test('the same without a terminal program', async () => {
  await drive('ships', await renderedScreen({ env, configDir: dir }));
  const params = { headers: { authorization: `Bearer ${env['LEADCTL_TOKEN']}` } };
  const { gateway } = platform.ready;
  const members = await getJson(`${gateway}/api/clients/ships/members`, params);
  expect(members['data']).toHaveLength(6);
}, 180_000);
