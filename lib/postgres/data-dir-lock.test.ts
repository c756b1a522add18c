import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { acquireDataDir, type DataDirHolder } from './data-dir-lock.ts';
import { identifyProcess } from './process-identity.ts';

async function scratchDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'leadctl-lock-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function holderOf(pid: number): DataDirHolder {
  return { pid, startedAt: '2026-01-02T03:04:05.000Z' };
}

const us = holderOf(process.pid);

/** A process that acquires, then waits to be killed. */
async function holdElsewhere(dataDir: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const module = JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href);
  const script = `
    const { acquireDataDir } = await import(${module});
    const holder = { pid: process.pid, startedAt: new Date().toISOString() };
    const got = await acquireDataDir(${JSON.stringify(dataDir)}, { holder });
    console.log(got.ok);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line]: unknown[] = await once(child.stdout, 'data');
  expect(String(line)).toBe('true\n');
  return {
    pid: child.pid ?? 0,
    async kill() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('a second acquire says who holds the directory, since when, and where its gateway is', async () => {
  const dataDir = join(await scratchDir(), 'made', 'on demand');
  const first = await acquireDataDir(dataDir, { holder: us });
  if (!first.ok) throw new Error('not acquired');
  await first.update({ gateway: 'http://127.0.0.1:8000' });

  expect(await acquireDataDir(dataDir, { holder: us })).toEqual({
    ok: false,
    heldBy: { pid: process.pid, since: us.startedAt, gateway: 'http://127.0.0.1:8000' },
  });
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
});

test('a released directory can be acquired again, and nothing is left behind', async () => {
  const dataDir = await scratchDir();
  for (let round = 0; round < 3; round += 1) {
    const got = await acquireDataDir(dataDir, { holder: us });
    if (!got.ok) throw new Error('not acquired');
    await got.release();
  }
  expect(await readdir(join(dataDir, 'lock'))).toEqual([]);
});

test('a live process keeps the directory, and a killed one loses it', async () => {
  const dataDir = await scratchDir();
  const other = await holdElsewhere(dataDir);
  expect(await acquireDataDir(dataDir, { holder: us })).toMatchObject({
    ok: false,
    heldBy: { pid: other.pid },
  });
  await other.kill();
  expect((await acquireDataDir(dataDir, { holder: us })).ok).toBe(true);
});

test('a holder whose pid was reused by a later process is taken for dead', async () => {
  const dataDir = await scratchDir();
  await (
    await acquireThenRelease(dataDir)
  )();
  const self = await identifyProcess(process.pid);
  const earlier = `${process.pid}_00000000.1_aaaa`;
  expect(self?.start).not.toBe('00000000.1');
  await writeFile(join(dataDir, 'lock', `${earlier}.claim`), '');
  await writeFile(join(dataDir, 'lock', `${earlier}.json`), JSON.stringify({ pid: process.pid }));
  expect((await acquireDataDir(dataDir, { holder: us })).ok).toBe(true);
  expect(await readdir(join(dataDir, 'lock'))).not.toContain(`${earlier}.claim`);
});

async function acquireThenRelease(dataDir: string): Promise<() => Promise<void>> {
  const got = await acquireDataDir(dataDir, { holder: us });
  if (!got.ok) throw new Error('not acquired');
  return () => got.release();
}

test('of any number of concurrent acquires, over dead claims, at most one holds and none is lost', async () => {
  const scenario = fc.record({
    waitsMs: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 2, maxLength: 8 }),
    deadClaims: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ waitsMs, deadClaims }) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'leadctl-lock-'));
      try {
        await (
          await acquireThenRelease(dataDir)
        )();
        for (let dead = 0; dead < deadClaims; dead += 1) {
          await writeFile(join(dataDir, 'lock', `${process.pid}_0.${dead}_0.claim`), '');
        }
        let holders = 0;
        const won = waitsMs.map(async (waitMs) => {
          await new Promise((done) => setTimeout(done, waitMs));
          const got = await acquireDataDir(dataDir, { holder: us });
          if (!got.ok) return false;
          holders += 1;
          expect(holders).toBe(1);
          await new Promise((done) => setTimeout(done, waitMs / 3));
          holders -= 1;
          await got.release();
          return true;
        });
        expect((await Promise.all(won)).filter(Boolean).length).toBeGreaterThan(0);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    }),
    { numRuns: 30 },
  );
}, 30_000);
