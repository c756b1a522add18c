import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { startEmbeddedPostgres } from '../postgres/embedded.ts';
import { identifyProcess } from '../postgres/process-identity.ts';
import { removeAbandonedServers } from './abandoned.ts';

test('the server of a killed test run is stopped and removed, that of a living one stays', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'leadctl-abandoned-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  // Opened by mode so that, under root, the server's user passes.
  await chmod(dir, 0o755);

  const living = await startEmbeddedPostgres({ dataDir: join(dir, 'run-living'), durable: false });
  onTestFinished(() => living.stop());
  const module = JSON.stringify(new URL('../postgres/embedded.ts', import.meta.url).href);
  const options = JSON.stringify({ dataDir: join(dir, 'run-dead'), durable: false });
  const script = `
    const { startEmbeddedPostgres } = await import(${module});
    const { pid } = await startEmbeddedPostgres(${options});
    process.stdout.write(String(pid), () => process.kill(process.pid, 'SIGTERM'));`;
  const run = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(run, 'exit');
  const [text]: unknown[] = await once(run.stdout, 'data');
  await ended;
  const pid = Number(text);
  expect(await identifyProcess(pid)).not.toBeNull();

  await removeAbandonedServers(dir, 'run-');
  expect(await identifyProcess(pid)).toBeNull();
  expect(await identifyProcess(living.pid)).not.toBeNull();
  expect(await readdir(dir)).toEqual(['run-living']);
}, 20_000);
