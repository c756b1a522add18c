// What docker-compose.yml promises of its containers, looked for in running ones.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { IMAGE, limitsOf } from './compose.js';
import { exec, podman } from './podman.js';

const LOOK = `
  id -u
  grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status | tr -s '\\t' ' '
  touch /app/x 2>&1 || true
  touch /tmp/x && echo writable tmp`;

/** Nobody in it is root, may become it, or can change its files. */
export function isLockedUp(container) {
  const said = exec(container, 'sh', '-c', LOOK);
  assert.match(said, /^1000\n/, `${container} runs as a user`);
  assert.match(said, /CapEff: 0+\n/);
  assert.match(said, /CapBnd: 0+\n/);
  assert.match(said, /NoNewPrivs: 1\n/);
  assert.match(said, /Read-only file system/);
  assert.match(said, /writable tmp$/);
}

/** What is mounted as a file stands in no description of the container. */
export function keepsSecrets(container, value) {
  const described = podman(['inspect', `leadctl-${container}`]);
  assert.ok(!described.includes(value), `${container} shows no secret`);
  const own = exec(container, 'sh', '-c', "tr '\\0' '\\n' < /proc/1/environ");
  assert.ok(!own.includes(value));
}

/** A daemon that takes more memory than it was given is ended, and nothing else on the machine is. */
export function memoryIsLimited(name) {
  const hog = 'const all = []; for (;;) all.push(Buffer.alloc(10_000_000, 1))';
  const flags = limitsOf(name).filter((flag) => flag !== '--init');
  podman(['run', '-d', '--name', 'leadctl-hog', ...flags, IMAGE, 'node', '-e', hog]);
  podman(['wait', 'leadctl-hog']);
  const format = '{{.State.ExitCode}} {{.HostConfig.Memory}}';
  const [code, limit] = podman(['inspect', '--format', format, 'leadctl-hog']).split(' ');
  assert.equal(code, '137');
  return `${Number(limit) / 1024 ** 2} MB`;
}

/** A daemon that logs without end fills no disk. */
export function logIsLimited(name) {
  const flood = "for (let n = 0; n < 200_000; n += 1) console.log('x'.repeat(100))";
  podman(['run', '-d', '--name', 'leadctl-flood', ...limitsOf(name), IMAGE, 'node', '-e', flood]);
  podman(['wait', 'leadctl-flood']);
  const format = '{{.HostConfig.LogConfig.Path}}';
  const { size } = fs.statSync(podman(['inspect', '--format', format, 'leadctl-flood']));
  assert.ok(size < 11 * 1024 ** 2, `the log is ${size} bytes`);
  return `${(size / 1024 ** 2).toFixed(1)} MB of 20`;
}
