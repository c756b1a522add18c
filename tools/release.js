// `npm run release`: builds the package, and proves it by installing it in an empty folder and starting the platform
// from there. Publishes nothing; prints where the package is.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const PORT_BASE = process.env.LEADCTL_RELEASE_PORT_BASE ?? '18000';
const READY_WITHIN_MS = 120_000;
const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const say = (text) => process.stdout.write(`${text}\n`);

const changes = fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
if (!changes.includes(`## ${version}`)) throw new Error(`CHANGELOG.md says nothing of ${version}`);

const target = path.join(ROOT, 'dist.release');
fs.rmSync(target, { recursive: true, force: true });
fs.mkdirSync(target);
run('npm', ['pack', '--pack-destination', target], ROOT);
const tarball = path.join(target, `${name}-${version}.tgz`);
say(`packed ${path.basename(tarball)}, ${Math.round(fs.statSync(tarball).size / 1024)} KB`);

const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'leadctl-release-'));
let child;
try {
  fs.writeFileSync(path.join(empty, 'package.json'), '{"private":true}');
  run('npm', ['install', '--no-audit', '--no-fund', tarball], empty);
  const said = run('npx', ['leadctl', '--version'], empty).trim();
  if (!said.includes(version)) throw new Error(`npx leadctl --version said ${said}`);
  const flags = [
    '--sandbox',
    '--demo',
    '-o',
    'json',
    '--data-dir',
    'data',
    '--port-base',
    PORT_BASE,
  ];
  child = spawn(path.join(empty, 'node_modules/.bin/leadctl'), ['up', ...flags], {
    cwd: empty,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(READY_WITHIN_MS) }),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`leadctl up ended: ${code}`))),
  ]);
  const { gateway, demo } = JSON.parse(line);
  const stored = await fetch(`${gateway}/api/leads/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': demo.api_key },
    body: JSON.stringify({ name: 'Release', email: 'release@example.com' }),
  });
  if (stored.status !== 201) throw new Error(`a lead was answered ${stored.status}`);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await exited;
  if (code !== 0) throw new Error(`leadctl up stopped with ${code}`);
  say('installed in an empty folder: starts, stores a lead, stops cleanly');
} finally {
  if (child && child.exitCode === null) child.kill('SIGKILL');
  fs.rmSync(empty, { recursive: true, force: true });
}
say(`ready: ${path.relative(process.cwd(), tarball)}`);
