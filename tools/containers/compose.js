// What docker-compose.yml says, as arguments of podman.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parse } from 'yaml';
import { exec, podman } from './podman.js';

export const NETWORK = 'leadctl-test';
export const IMAGE = 'localhost/leadctl:local';
const OTHERS = new Set(['postgres', 'mongo', 'migrate']);
const IS_SECRET = /(?:_SECRETS?|_KEYS?|_TOKEN|_PASSWORD|_KEY|DATABASE_URL)$/;

const root = new URL('../../', import.meta.url);
export const services = parse(fs.readFileSync(new URL('docker-compose.yml', root), 'utf8'), {
  merge: true,
}).services;
export const daemons = Object.keys(services).filter((name) => !OTHERS.has(name));

/** As an operator would: `leadctl secrets env`, and what else a file beside docker-compose.yml says. */
export function environment(more) {
  const env = { ...process.env, ...more };
  const leadctl = new URL('bin/leadctl', root).pathname;
  const made = execFileSync(process.execPath, [leadctl, 'secrets', 'env'], { encoding: 'utf8' });
  for (const line of made.split('\n')) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name) env[name] = value;
  }
  return env;
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?text}`, as Compose reads them. */
export function fill(text, env) {
  return String(text).replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name, kind, rest) => {
    const value = env[name];
    if (value) return value;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return kind === '-' ? rest : '';
  });
}

/** The service's own settings, filled in. */
export const settingsOf = (name, env) =>
  Object.fromEntries(
    Object.entries(services[name].environment ?? {}).map(([key, value]) => [
      key,
      fill(value ?? '', env),
    ]),
  );

/** What limits and secures a container of this service. */
export function limitsOf(name) {
  const { init, read_only, tmpfs, cap_drop, security_opt, mem_limit, logging } = services[name];
  return [
    ...(init ? ['--init'] : []),
    ...(read_only ? ['--read-only'] : []),
    ...(tmpfs ?? []).flatMap((at) => ['--tmpfs', at]),
    ...(cap_drop ?? []).flatMap((cap) => ['--cap-drop', cap]),
    ...(security_opt ?? []).flatMap((one) => ['--security-opt', one.replace(':true', '')]),
    ...(mem_limit ? ['--memory', mem_limit] : []),
    '--log-driver',
    'k8s-file',
    '--log-opt',
    `max-size=${logging.options['max-size']}b`,
  ];
}

/** Its secrets as files, which Compose and Kubernetes mount alike; the rest as environment. */
function given(name, settings, asFiles, folder) {
  const flags = [];
  for (const [key, value] of Object.entries(settings)) {
    if (asFiles && value && IS_SECRET.test(key)) {
      fs.mkdirSync(path.join(folder, name), { recursive: true });
      fs.writeFileSync(path.join(folder, name, key), value, { mode: 0o444 });
      flags.push('-e', `${key}_FILE=/run/secrets/${key}`);
    } else flags.push('-e', `${key}=${value}`);
  }
  return asFiles ? [...flags, '-v', `${path.join(folder, name)}:/run/secrets:ro`] : flags;
}

/** Starts a container of that service; `replica` tells several apart, and all answer to the service's name. */
export function start(name, { env, folder, image = IMAGE, replica = '', more = {}, flags = [] }) {
  const command = (services[name].command ?? []).map((part) => fill(part, env));
  const settings = { ...settingsOf(name, env), ...more };
  // Both ways are tried: of clients the environment, of everybody else files.
  const asFiles = daemons.includes(name) && name !== 'client';
  podman([
    'run',
    '-d',
    '--name',
    `leadctl-${name}${replica}`,
    '--network',
    `${NETWORK}:alias=${name}`,
    ...limitsOf(name),
    ...given(name, settings, asFiles, folder),
    ...flags,
    image,
    ...(OTHERS.has(name) && name !== 'migrate' ? command.slice(1) : command),
  ]);
}

/** Whether its own health check is content. */
export function isHealthy(name, replica = '') {
  const [, ...check] = services[name].healthcheck.test;
  exec(`${name}${replica}`, ...check);
  return true;
}
