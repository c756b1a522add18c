import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

import { ensureDataDir } from './data-dir.ts';
import { readTextIfThere, replaceFile } from '../files/files.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';
import { isRoot } from './run-as.ts';

const CONTEST_TIMEOUT_MS = 3_000;
const CLAIM_SUFFIX = '.claim';

/** Who wants the directory. `startedAt` is RFC 3339; `gateway` is where the holder can be reached. */
export type DataDirHolder = { pid: number; startedAt: string; gateway?: string };
export type DataDirHeld = { pid: number; since: string; gateway?: string };
export type DataDirAcquisition =
  | { ok: true; release(): Promise<void>; update(info: { gateway: string }): Promise<void> }
  | { ok: false; heldBy: DataDirHeld };

const heldSchema = z.object({
  pid: z.number(),
  since: z.string(),
  gateway: z.string().exactOptional(),
});

type Claim = { id: string; process: ProcessIdentity };

/**
 * Makes `holder` the one holder of a data directory, or says who holds it.
 *
 * Everyone announces a claim first and looks for others after, and holds only when alone. Of two
 * processes at least one looks after the other has announced, so never do both see nobody. Each
 * claim has a name of its own that tells its process, so that clearing away a dead one can never
 * hit a live one, which taking over a single lock file can.
 */
export async function acquireDataDir(
  dataDir: string,
  options: { holder: DataDirHolder },
): Promise<DataDirAcquisition> {
  const { holder } = options;
  const lockDir = await ensureLockDir(await ensureDataDir(dataDir));
  const self = await identifyProcess(holder.pid);
  if (self === null) throw new Error(`Process ${holder.pid} does not run; it can hold nothing.`);
  const claim = {
    id: `${self.pid}_${self.start}_${randomBytes(8).toString('hex')}`,
    process: self,
  };

  const rival = await contest(lockDir, claim);
  if (rival !== null) return { ok: false, heldBy: await describeClaim(lockDir, rival) };

  let held: DataDirHeld = { pid: holder.pid, since: holder.startedAt };
  if (holder.gateway !== undefined) held = { ...held, gateway: holder.gateway };
  const save = () => replaceFile(infoPath(lockDir, claim), JSON.stringify(held));
  await save();
  return {
    ok: true,
    async release() {
      await rm(infoPath(lockDir, claim), { force: true });
      await withdraw(lockDir, claim);
    },
    async update(info) {
      held = { ...held, ...info };
      await save();
    },
  };
}

/** It belongs to the data directory's owner, also when root makes it. */
async function ensureLockDir(dataDir: string): Promise<string> {
  const lockDir = join(dataDir, 'lock');
  const made = await mkdir(lockDir, { recursive: true, mode: 0o700 });
  if (made !== undefined && isRoot()) {
    const owner = await stat(dataDir);
    await chown(lockDir, owner.uid, owner.gid);
  }
  return lockDir;
}

/** Claims until alone (null) or beaten (the winner). Between newcomers the smallest id stays. */
async function contest(lockDir: string, claim: Claim): Promise<Claim | null> {
  const deadlineMs = Date.now() + CONTEST_TIMEOUT_MS;
  for (;;) {
    await writeFile(claimPath(lockDir, claim), '', { mode: 0o600 });
    const rivals = (await liveClaims(lockDir)).filter((other) => other.id !== claim.id);
    const first = rivals[0];
    if (first === undefined) return null;

    const settled = await findSettled(lockDir, rivals);
    if (settled !== null || Date.now() > deadlineMs) {
      await withdraw(lockDir, claim);
      return settled ?? first;
    }
    if (rivals.some((other) => other.id < claim.id)) await withdraw(lockDir, claim);
    await sleep(2 + Math.random() * 20);
  }
}

/** Claims of running processes. Those of dead ones are cleared away. */
async function liveClaims(lockDir: string): Promise<Claim[]> {
  const live: Claim[] = [];
  for (const name of await readdir(lockDir)) {
    const claim = parseClaim(name);
    if (claim === null) continue;
    if (await isRunning(claim.process)) live.push(claim);
    else {
      await rm(infoPath(lockDir, claim), { force: true });
      await withdraw(lockDir, claim);
    }
  }
  return live;
}

/** Only a holder writes an info file, so its presence tells a holder from a newcomer. */
async function findSettled(lockDir: string, claims: Claim[]): Promise<Claim | null> {
  for (const claim of claims) {
    if ((await readTextIfThere(infoPath(lockDir, claim))) !== null) return claim;
  }
  return null;
}

async function describeClaim(lockDir: string, claim: Claim): Promise<DataDirHeld> {
  const text = await readTextIfThere(infoPath(lockDir, claim));
  const parsed = text === null ? null : heldSchema.safeParse(JSON.parse(text));
  if (parsed?.success === true) return parsed.data;
  const made = await stat(claimPath(lockDir, claim)).catch(() => null);
  return { pid: claim.process.pid, since: (made?.mtime ?? new Date()).toISOString() };
}

function parseClaim(name: string): Claim | null {
  if (!name.endsWith(CLAIM_SUFFIX)) return null;
  const id = name.slice(0, -CLAIM_SUFFIX.length);
  const [pid, start] = id.split('_');
  if (pid === undefined || start === undefined || !/^\d+$/.test(pid)) return null;
  return { id, process: { pid: Number(pid), start } };
}

async function withdraw(lockDir: string, claim: Claim): Promise<void> {
  await rm(claimPath(lockDir, claim), { force: true });
}

function claimPath(lockDir: string, claim: Claim): string {
  return join(lockDir, claim.id + CLAIM_SUFFIX);
}

function infoPath(lockDir: string, claim: Claim): string {
  return join(lockDir, `${claim.id}.json`);
}
