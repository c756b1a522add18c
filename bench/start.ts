import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { ROOT, untilReady } from './platform.ts';
import { ofRounds } from './sides.ts';

const PORT_BASE = 18_550;
const WARM_STARTS = 5;

/** `leadctl up` until /ready says so: first with a database to be made, then with it there. */
export const bench: Bench = {
  name: 'start',
  what: 'leadctl up --sandbox until GET /ready is 200',
  async run({ against }) {
    const figures = await startsOf(ROOT);
    return against === undefined ? { figures } : { figures, before: await startsOf(against) };
  },
};

async function startsOf(root: string) {
  const directory = await mkdtemp(join(tmpdir(), 'leadctl-bench-'));
  try {
    const first = await start(root, directory);
    const warm: number[] = [];
    for (let round = 0; round < WARM_STARTS; round += 1) warm.push(await start(root, directory));
    return [ofRounds('warm', 's', warm), ofRounds('first', 's', [first])];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Seconds. */
async function start(root: string, directory: string): Promise<number> {
  const args = ['up', '--sandbox', '-o', 'json', '--data-dir', join(directory, 'data')];
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'bin/leadctl'), ...args, '--port-base', String(PORT_BASE)],
    {
      env: {
        ...process.env,
        LEADCTL_CONFIG_DIR: directory,
        XDG_CONFIG_HOME: directory,
        LEADCTL_ADMIN_EMAIL: 'admin@bench.example',
        LEADCTL_ADMIN_PASSWORD: 'a password of the bench',
      },
      stdio: 'ignore',
    },
  );
  try {
    await untilReady(`http://127.0.0.1:${PORT_BASE}`);
    return (performance.now() - startedMs) / 1_000;
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}
