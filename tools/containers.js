// Called by deploy/test-containers.sh: runs what docker-compose.yml says with podman, lead three times and worker
// twice, and tries the whole of it: a first start, 1 000 leads while containers are killed, a rolling upgrade, the
// death of PostgreSQL, and stops.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import * as compose from './containers/compose.js';
import * as hardening from './containers/hardening.js';
import { provision, query, received, sendLeads, sendMeanwhile } from './containers/leads.js';
import { evaluate, podman, say, stop, until } from './containers/podman.js';

const [net = '', work = '', mongoImage = ''] = process.argv.slice(2);
const prefix = net.split(' ').filter((part) => part !== '');
const folder = path.join(work, 'secrets');
const ADMIN = { email: 'ops@example.com', password: 'seven kettles, one violin' };
const SANDBOX = 'http://sandbox:8090';
const NEXT = 'localhost/leadctl:next';
const REPLICAS = { lead: ['', '2', '3'], worker: ['', '2'] };
const { daemons, settingsOf } = compose;

const env = compose.environment({
  TRUSTED_PROXIES: '0',
  META_APP_ID: '',
  GRAPH_BASE_URL: SANDBOX,
  WHATSAPP_BASE_URL: SANDBOX,
  GOOGLE_SHEETS_BASE_URL: SANDBOX,
  GOOGLE_TOKEN_URL: `${SANDBOX}/token`,
  DESTINATION_ALLOW: 'sandbox:8090',
});
const owner = settingsOf('migrate', env).DATABASE_URL;
const withJobs = mongoImage === '' ? { worker: { JOBS_URL: '' } } : {};
const start = (name, replica = '', image = compose.IMAGE) =>
  compose.start(name, { env, folder, image, replica, more: withJobs[name] });
const healthy = (name, replica = '') =>
  until(`${name}${replica} is healthy`, () => compose.isHealthy(name, replica));
const replicasOf = (name) => REPLICAS[name] ?? [''];
const stored = () => Number(query(owner, 'SELECT count(*) FROM leads')[0].count);

async function firstStart() {
  compose.start('postgres', {
    env,
    folder,
    image: 'localhost/leadctl-postgres',
    // As the official image of PostgreSQL has it: open connections do not keep it up.
    flags: ['--stop-signal', 'SIGINT', '--shm-size', '256m'],
  });
  if (mongoImage !== '') compose.start('mongo', { env, folder, image: mongoImage });
  say(
    mongoImage === ''
      ? 'jobs are in PostgreSQL: LEFT OUT: MongoDB (no Java)'
      : 'jobs are in MongoDB',
  );
  // Started before PostgreSQL answers: it waits.
  start('migrate');
  assert.equal(podman(['wait', 'leadctl-migrate']), '0', 'migrate');
  say('migrate waited for PostgreSQL and ended with 0');
  for (const name of daemons) for (const replica of replicasOf(name)) start(name, replica);
  startSandbox();
  for (const name of daemons) for (const replica of replicasOf(name)) await healthy(name, replica);
  say(`healthy: ${daemons.map((name) => `${name}×${replicasOf(name).length}`).join(' ')}`);
}

function startSandbox() {
  const url = new URL(owner);
  url.username = 'leadctl_sandbox';
  const given = {
    HOST: '0.0.0.0',
    DATABASE_URL: url.href,
    DATABASE_LOGIN_SECRET: env.DATABASE_LOGIN_SECRET,
    INTERNAL_SECRET: env.INTERNAL_SECRET,
    META_APP_SECRET: env.META_APP_SECRET,
    META_VERIFY_TOKEN: env.META_VERIFY_TOKEN,
    GATEWAY_URL: 'http://gateway:8000',
    PERMISSION_URL: 'http://permission:8008',
  };
  podman([
    'run',
    '-d',
    '--name',
    'leadctl-sandbox',
    '--network',
    `${compose.NETWORK}:alias=sandbox`,
    ...Object.entries(given).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    compose.IMAGE,
    'bin/leadd',
    'sandbox',
  ]);
}

function lookedOver() {
  for (const name of daemons) hardening.isLockedUp(name);
  say('every daemon: user 1000, no capabilities, no new privileges, read-only but for /tmp');
  for (const name of daemons.filter((one) => one !== 'client')) {
    hardening.keepsSecrets(name, settingsOf(name, env).DATABASE_URL);
  }
  say('secrets came as files: they stand in no description and no environment');
  say(`a daemon past its memory of ${hardening.memoryIsLimited('lead')} is ended, with 137`);
  say(`a log without end keeps ${hardening.logIsLimited('lead')} MB`);
}

function makeAdmin() {
  const flags = ['--rm', '-i', '--network', compose.NETWORK, '-e', `DATABASE_URL=${owner}`];
  const command = ['bin/leadctl', 'admin', 'create', '--email', ADMIN.email, '--password-stdin'];
  podman(['run', ...flags, compose.IMAGE, ...command], { input: ADMIN.password });
}

async function thousandLeads(key) {
  const sending = sendMeanwhile({ key, from: 0, count: 1_000, everyMs: 60 }, prefix, spawn);
  await until('some leads are stored', () => stored() > 200);
  podman(['kill', 'leadctl-lead2']);
  say('killed: one of three leads');
  await until('more leads are stored', () => stored() > 500);
  podman(['kill', 'leadctl-worker']);
  say('killed: one of two workers');
  const { seconds, refusals } = await sending;
  assert.equal(stored(), 1_000, 'each lead is stored once');
  say(`1000 leads in ${seconds} s; tried again: ${JSON.stringify(refusals)}; stored: 1000`);
  for (const [name, replica] of [
    ['lead', '2'],
    ['worker', ''],
  ]) {
    podman(['start', `leadctl-${name}${replica}`]);
    await healthy(name, replica);
  }
}

/** A killed worker's messages may be in doubt: those are written down, and never sent twice. */
async function deliveredAll(count) {
  const unknown = () => {
    const [row] = query(
      owner,
      "SELECT count(*) FROM deliveries WHERE status = 'unknown' AND kind = 'whatsapp'",
    );
    return Number(row.count);
  };
  const all = await until(
    'everything is delivered',
    () => {
      const now = received();
      const isAll =
        now.crm === count && now.sheetOnce === count && now.whatsappOnce + unknown() >= count;
      return isAll && now;
    },
    240_000,
  );
  assert.equal(all.whatsapp, all.whatsappOnce, 'nobody gets a message twice');
  assert.equal(all.sheet, all.sheetOnce, 'no row stands twice');
  say(`delivered: ${JSON.stringify({ ...all, whatsappInDoubt: unknown() })}`);
}

function shares() {
  const script = `const text = await (await fetch('http://127.0.0.1:8004/metrics')).text();
    console.log(/leads_ingested_total\\{[^}]*stored[^}]*\\} (\\d+)/.exec(text)?.[1] ?? 0)`;
  return replicasOf('lead').map((replica) => evaluate(`lead${replica}`, script));
}

function evenly(key, from) {
  const before = shares();
  sendLeads({ key, from, count: 300 });
  const now = shares().map((share, at) => share - before[at]);
  say(`300 leads over three replicas: ${now.join(', ')}`);
  assert.ok(Math.min(...now) >= 60, 'each replica works');
}

function tellOf(container) {
  process.stderr.write(`${podman(['logs', '--tail', '30', `leadctl-${container}`])}\n`);
}

async function rollingUpgrade(key, from) {
  const sending = sendMeanwhile({ key, from, count: 200, everyMs: 12_000 }, prefix, spawn);
  for (const name of ['permission', 'lead', 'integration', 'webhook', 'worker']) {
    for (const replica of replicasOf(name)) {
      start(name, `${replica}-next`, NEXT);
      await healthy(name, `${replica}-next`);
      const { code, seconds } = stop(`${name}${replica}`, compose.services[name].stop_grace_period);
      if (code !== '0') tellOf(`${name}${replica}`);
      assert.equal(code, '0', `${name}${replica} stops cleanly`);
      say(`upgraded: ${name}${replica}, stopped in ${seconds.toFixed(1)} s`);
    }
    REPLICAS[name] = replicasOf(name).map((replica) => `${replica}-next`);
  }
  const { seconds, refusals } = await sending;
  say(`200 leads in ${seconds} s meanwhile; tried again: ${JSON.stringify(refusals)}`);
  assert.equal(stored(), from + 200);
}

async function deathOfPostgres(key, from) {
  const sending = sendMeanwhile({ key, from, count: 200, everyMs: 500 }, prefix, spawn);
  await until('leads flow', () => stored() > from + 40);
  podman(['kill', '-s', 'KILL', 'leadctl-postgres']);
  say('killed: PostgreSQL');
  await sleep(5_000);
  podman(['start', 'leadctl-postgres']);
  const { seconds, refusals } = await sending;
  await healthy('gateway');
  assert.equal(stored(), from + 200, 'what was acknowledged is there');
  say(
    `PostgreSQL came back after 5 s; 200 leads in ${seconds} s; tried again: ${JSON.stringify(refusals)}`,
  );
}

function lastStops() {
  podman(['kill', '-s', 'KILL', 'leadctl-postgres']);
  const slow = [];
  for (const name of daemons) {
    for (const replica of replicasOf(name)) {
      const { seconds, code } = stop(`${name}${replica}`, compose.services[name].stop_grace_period);
      slow.push(`${name}${replica} ${seconds.toFixed(1)} s`);
      if (code !== '0') tellOf(`${name}${replica}`);
      assert.equal(code, '0', `${name}${replica} stops cleanly without its database`);
    }
  }
  say(`every daemon stopped with 0 while PostgreSQL was dead: ${slow.join(', ')}`);
}

// Of a run that was interrupted; this storage holds nothing else.
podman(['rm', '-af', '-t', '2']);
// So does its network.
if (!podman(['network', 'ls', '--format', '{{.Name}}']).split('\n').includes(compose.NETWORK)) {
  podman(['network', 'create', compose.NETWORK]);
}
await firstStart();
lookedOver();
makeAdmin();
const key = provision(ADMIN, path.resolve('examples'));
await thousandLeads(key);
await deliveredAll(1_000);
evenly(key, 1_000);
await rollingUpgrade(key, 1_300);
await deathOfPostgres(key, 1_500);
await deliveredAll(1_700);
const open = query(
  owner,
  "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'",
);
const [{ max_connections: most }] = query(owner, 'SHOW max_connections');
say(`connections of PostgreSQL: ${open[0].count} of ${most}`);
lastStops();
