// Called by deploy/test-containers.sh: runs what docker-compose.yml says with podman, two replicas of lead,
// and tries the whole of it: health, a lead, both replicas at work, a restart of PostgreSQL, a clean stop.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';

const [NET = ''] = process.argv.slice(2);
const IMAGES = { postgres: 'localhost/leadctl-postgres', daemon: 'localhost/leadctl:local' };
const LEADCTL = new URL('../bin/leadctl', import.meta.url).pathname;
const NETWORK = 'leadctl-test';
const services = parse(fs.readFileSync('docker-compose.yml', 'utf8'), { merge: true }).services;

const inside = (...args) => {
  const [command, ...rest] = [...NET.split(' ').filter((part) => part !== ''), 'podman', ...args];
  return execFileSync(command, rest, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  }).trim();
};

async function until(what, look, withinMs = 90_000) {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(500);
  }
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?text}`, as Compose reads them. */
function fill(text, env) {
  return String(text).replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name, kind, rest) => {
    const value = env[name];
    if (value) return value;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return kind === '-' ? rest : '';
  });
}

function start(name, service, { env, image, replica = '', attached = false, extra = [] }) {
  const flags = [
    ...(service.init ? ['--init'] : []),
    // As the official image of PostgreSQL does: open connections do not keep it up.
    ...(name === 'postgres' ? ['--stop-signal', 'SIGINT'] : []),
    ...(service.read_only ? ['--read-only'] : []),
    ...(service.tmpfs ?? []).flatMap((at) => ['--tmpfs', at]),
    ...(service.cap_drop ?? []).flatMap((cap) => ['--cap-drop', cap]),
    ...(service.security_opt ?? []).flatMap((option) => [
      '--security-opt',
      option.replace(':true', ''),
    ]),
    ...Object.entries(service.environment ?? {}).flatMap(([key, value]) => [
      '-e',
      `${key}=${fill(value ?? '', env)}`,
    ]),
    ...extra,
  ];
  const command = (service.command ?? []).map((part) => fill(part, env));
  const own = name === 'postgres' ? command.slice(1) : command;
  return inside(
    'run',
    ...(attached ? ['--rm'] : ['-d']),
    '--name',
    `leadctl-${name}${replica}`,
    '--network',
    `${NETWORK}:alias=${name}`,
    ...flags,
    image,
    ...own,
  );
}

const exec = (name, ...args) => inside('exec', `leadctl-${name}`, ...args);
const isHealthy = (name, replica = '') => {
  const [, ...check] = services[name].healthcheck.test;
  exec(`${name}${replica}`, ...check);
  return true;
};
const ask = (script) => JSON.parse(exec('gateway', 'node', '-e', `(async () => { ${script} })()`));
const log = (text) => process.stdout.write(`${text}\n`);

const env = { ...process.env, TRUSTED_PROXIES: '0' };
for (const line of execFileSync(process.execPath, [LEADCTL, 'secrets', 'env'], {
  encoding: 'utf8',
}).split('\n')) {
  const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
  if (name) env[name] = value;
}
const daemons = Object.keys(services).filter(
  (name) => !['postgres', 'mongo', 'migrate'].includes(name),
);

// Of a run that was interrupted; this storage holds nothing else.
inside('rm', '-af', '-t', '2');
// So does its network.
if (!inside('network', 'ls', '--format', '{{.Name}}').split('\n').includes(NETWORK)) {
  inside('network', 'create', NETWORK);
}
// Not read-only: PostgreSQL writes its data.
start('postgres', { ...services.postgres, mem_limit: undefined }, { env, image: IMAGES.postgres });
// Migrate is started before PostgreSQL answers: it waits.
log(
  start('migrate', services.migrate, { env, image: IMAGES.daemon, attached: true })
    .split('\n')
    .at(-1),
);
// There is no MongoDB to be had here.
const worker = {
  ...services.worker,
  environment: { ...services.worker.environment, JOBS_URL: '' },
};
for (const name of daemons) {
  start(name, name === 'worker' ? worker : services[name], { env, image: IMAGES.daemon });
}
start('lead', services.lead, { env, image: IMAGES.daemon, replica: '2' });
for (const name of daemons) await until(`${name} is healthy`, () => isHealthy(name));
await until('the second lead is healthy', () => isHealthy('lead', '2'));
log(`healthy: ${daemons.join(' ')} and a second lead`);

assert.match(
  exec('lead', 'sh', '-c', 'id -u; touch /app/x 2>&1 || true'),
  /^1000\n.*(?:Read-only|denied)/s,
);
const password = 'seven kettles, one violin';
execFileSync(
  NET.split(' ')[0] || 'podman',
  [
    ...NET.split(' ').slice(1),
    ...(NET ? ['podman'] : []),
    'run',
    '--rm',
    '-i',
    '--network',
    NETWORK,
    '-e',
    `DATABASE_URL=${fill(services.migrate.environment.DATABASE_URL, env)}`,
    IMAGES.daemon,
    'bin/leadctl',
    'admin',
    'create',
    '--email',
    'ops@example.com',
    '--password-stdin',
  ],
  { input: password, stdio: ['pipe', 'ignore', 'inherit'] },
);
const sent = ask(`
  const at = 'http://127.0.0.1:8000';
  const post = async (path, body, headers = {}) => {
    const answer = await fetch(at + path, { method: 'POST', body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers } });
    if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + await answer.text());
    return answer.json();
  };
  const { access_token } = await post('/api/auth/login', { email: 'ops@example.com', password: ${JSON.stringify(password)} });
  const admin = { authorization: 'Bearer ' + access_token };
  await post('/api/clients', { client_id: 'acme', name: 'Acme' }, admin);
  const { key } = await post('/api/clients/acme/api-keys', { name: 'website', rate_limit_per_minute: null }, admin);
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 20 }, (_, index) =>
      post('/api/leads/ingest', { name: 'Lead ' + round + '-' + index }, { 'x-api-key': key })));
  }
  const ready = await fetch(at + '/ready');
  console.log(JSON.stringify({ ready: ready.status, key }));`);
assert.equal(sent.ready, 200);
const shareOf = (replica) =>
  Number(
    exec(
      `lead${replica}`,
      'node',
      '-e',
      "fetch('http://127.0.0.1:8004/metrics').then((r) => r.text()).then((text) => console.log(/leads_ingested_total\\{[^}]*stored[^}]*\\} (\\d+)/.exec(text)?.[1] ?? 0))",
    ),
  );
const shares = [shareOf(''), shareOf('2')];
log(`200 leads over two replicas: ${shares.join(' and ')}`);
assert.equal(shares[0] + shares[1], 200);
assert.ok(Math.min(...shares) >= 60, 'both replicas work');

const connections = exec('postgres', 'sh', '-c', 'ls /proc | grep -c "^[0-9]*$"');
log(`processes of PostgreSQL: ${connections}`);
inside('restart', '-t', '10', 'leadctl-postgres');
await until('ready after PostgreSQL came back', () => isHealthy('gateway'));
log('PostgreSQL came back; the gateway is ready again');
for (const name of daemons) {
  inside('stop', '-t', '10', `leadctl-${name}`);
  assert.equal(
    inside('inspect', '--format', '{{.State.ExitCode}}', `leadctl-${name}`),
    '0',
    `${name} stops cleanly`,
  );
}
log('every daemon stopped with 0');
