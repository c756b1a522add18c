// Leads through the gateway, as a website sends them, and what became of them.
import { podman, evaluate } from './podman.js';
import { IMAGE, NETWORK } from './compose.js';

/** Twenty at a time, each tried again under its Idempotency-Key until it is stored, as embed.js does. */
const SEND = `
  import { text } from 'node:stream/consumers';
  const { key, from, count, everyMs } = JSON.parse(await text(process.stdin));
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  let next = from;
  const ids = [];
  const refusals = {};
  const send = async (nth) => {
    for (let attempt = 0; attempt < 60; attempt += 1) {
      try {
        const answer = await fetch('http://127.0.0.1:8000/api/leads/ingest', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key, 'idempotency-key': 'lead-' + nth },
          body: JSON.stringify({ name: 'Lead ' + nth, email: 'lead' + nth + '@example.org', phone: '+49151' + (10000000 + nth) }),
          signal: AbortSignal.timeout(10000),
        });
        const said = await answer.json();
        if (answer.ok) return ids.push(said.lead_id ?? said.id);
        refusals[answer.status] = (refusals[answer.status] ?? 0) + 1;
      } catch (error) {
        refusals[error.name] = (refusals[error.name] ?? 0) + 1;
      }
      await wait(500);
    }
    throw new Error('lead ' + nth + ' was not taken');
  };
  const worker = async () => {
    while (next < from + count) {
      await send(next++);
      if (everyMs) await wait(everyMs);
    }
  };
  const startMs = Date.now();
  await Promise.all(Array.from({ length: 20 }, worker));
  console.log(JSON.stringify({ stored: ids.length, refusals, seconds: (Date.now() - startMs) / 1000 }));`;

export const sendLeads = (input) => evaluate('gateway', SEND, input);

/** The same while something else goes on: the process, and what it printed once it ended. */
export function sendMeanwhile(input, prefix, spawn) {
  const [command, ...rest] = [
    ...prefix,
    'podman',
    'exec',
    '-i',
    'leadctl-gateway',
    'node',
    '--input-type=module',
    '-e',
    SEND,
  ];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(input));
  let said = '';
  child.stdout.on('data', (part) => (said += part));
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(said.trim())) : reject(new Error(`sending ended: ${code}`)),
    );
  });
}

const SET_UP = `
  import { text } from 'node:stream/consumers';
  const { admin } = JSON.parse(await text(process.stdin));
  const { provisionDemo, DEMO_SIGNING_SECRET } = await import('/app/dist/bin/up/provision-demo.js');
  const put = async (path, body) => {
    const answer = await fetch('http://sandbox:8090' + path, { method: 'PUT',
      headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(path + ': ' + await answer.text());
  };
  await put('/_sandbox/sheets/acme-leads', { sheets: ['Leads'] });
  await put('/_sandbox/hooks/crm', { secret: DEMO_SIGNING_SECRET });
  console.log(JSON.stringify(await provisionDemo('http://gateway:8000', admin, 'http://sandbox:8090')));`;

/** The demo's client with all its destinations; gives its API key. */
export function provision(admin, examples) {
  const said = podman(
    [
      'run',
      '--rm',
      '-i',
      '--network',
      NETWORK,
      '-v',
      `${examples}:/app/examples:ro`,
      IMAGE,
      'node',
      '--input-type=module',
      '-e',
      SET_UP,
    ],
    { input: JSON.stringify({ admin }) },
  );
  return JSON.parse(said.split('\n').at(-1));
}

const COUNT = `
  const ask = async (path) => (await (await fetch('http://127.0.0.1:8090' + path)).json());
  const hooks = (await ask('/_sandbox/hooks?name=crm')).data;
  const messages = (await ask('/_sandbox/whatsapp/messages')).data;
  const { values } = await ask('/_sandbox/sheets/acme-leads');
  const rows = values.slice(1).map(([id]) => id);
  console.log(JSON.stringify({
    crm: new Set(hooks.map(({ body }) => JSON.parse(body).data.lead.id)).size,
    whatsapp: messages.length,
    whatsappOnce: new Set(messages.map((one) => one.biz_opaque_callback_data)).size,
    sheet: rows.length,
    sheetOnce: new Set(rows).size,
  }));`;

/** What came to the sandbox's receivers. */
export const received = () => evaluate('sandbox', COUNT);

const QUERY = `
  import { text } from 'node:stream/consumers';
  import pg from 'pg';
  const { url, statement } = JSON.parse(await text(process.stdin));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  console.log(JSON.stringify((await client.query(statement)).rows));
  await client.end();`;

/** Rows, as the database's owner. */
export const query = (url, statement) => evaluate('gateway', QUERY, { url, statement });
