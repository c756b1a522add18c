// Compiles the sources into dist/: for `npm run build` with every check, and for the launchers
// without (types are checked elsewhere), only when something changed.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCES = ['bin', 'daemons', 'lib', 'migrations', 'sandbox', 'bench'];
const SINGLE_FILES = ['knexfile.ts', 'tsconfig.json', 'tsconfig.build.json'];
const STAMP = 'dist/.sources';
const BUILD_TIMEOUT_MS = 180_000;
const LOCK_POLL_MS = 50;
const SWAP_TRIES = 20;

const run = promisify(execFile);

/**
 * Compiles if dist/ is missing or was made from other sources, once however many start together.
 * Resolves to `{ok: true}` or `{ok: false, problem}`; keeps a usable dist/ when there is no compiler.
 */
export async function refresh(root) {
  if (isFresh(root)) return { ok: true };
  const compiler = compilerOf(root);
  if (compiler === undefined) {
    return usable(root, `nothing is compiled and no compiler is installed; run npm ci in ${root}`);
  }
  if (!isWritable(root))
    return usable(root, `${root} is read-only; compile it as its owner with npm run build`);
  return await withLock(root, async () => {
    if (isFresh(root)) return { ok: true };
    process.stderr.write('leadctl: compiling the sources (a few seconds, only after a change)\n');
    return await compile(root, compiler, ['--noCheck']);
  });
}

/** The same, always, and failing on a type error. */
export async function build(root) {
  const compiler = compilerOf(root);
  if (compiler === undefined) return { ok: false, problem: `no compiler; run npm ci in ${root}` };
  return await withLock(root, () => compile(root, compiler, []));
}

/**
 * The sources as they are: a line a file with its time and size. Comparing the whole list finds
 * a removed or renamed file and one that became older, which a newest-time check does not.
 */
export function listSources(root) {
  const lines = [];
  const visit = (relative) => {
    for (const entry of fs.readdirSync(path.join(root, relative), { withFileTypes: true })) {
      const name = `${relative}/${entry.name}`;
      if (entry.isDirectory()) visit(name);
      else if (/(?<!\.test)\.tsx?$/.test(entry.name)) lines.push(describe(root, name));
    }
  };
  for (const folder of SOURCES) if (fs.existsSync(path.join(root, folder))) visit(folder);
  for (const file of SINGLE_FILES) {
    if (fs.existsSync(path.join(root, file))) lines.push(describe(root, file));
  }
  return lines.sort().join('\n');
}

function describe(root, name) {
  const stat = fs.statSync(path.join(root, name));
  return `${name} ${stat.mtimeMs} ${stat.size}`;
}

/** What is there, when it cannot be made anew; a problem when nothing is. */
function usable(root, problem) {
  return fs.existsSync(path.join(root, 'dist/bin')) ? { ok: true } : { ok: false, problem };
}

function isWritable(root) {
  try {
    fs.accessSync(root, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isFresh(root) {
  try {
    return fs.readFileSync(path.join(root, STAMP), 'utf8') === listSources(root);
  } catch {
    return false;
  }
}

function compilerOf(root) {
  const script = path.join(root, 'node_modules/typescript/bin/tsc');
  return fs.existsSync(script) ? script : undefined;
}

async function compile(root, compiler, flags) {
  const fresh = path.join(root, 'dist.build', `new-${process.pid}`);
  const sources = listSources(root);
  try {
    const outDir = ['--outDir', fresh];
    await run(process.execPath, [compiler, '-p', 'tsconfig.build.json', ...outDir, ...flags], {
      cwd: root,
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
    });
    fs.writeFileSync(path.join(fresh, path.basename(STAMP)), sources);
    await swapIn(root, fresh);
    return { ok: true };
  } catch (error) {
    fs.rmSync(fresh, { recursive: true, force: true });
    const detail = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || error.message;
    return { ok: false, problem: `the sources do not compile\n${detail}` };
  }
}

/** A folder cannot be renamed over a full one, so the old one steps aside first. */
async function swapIn(root, fresh) {
  const dist = path.join(root, 'dist');
  const aside = path.join(root, 'dist.build', `old-${process.pid}`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (fs.existsSync(dist)) fs.renameSync(dist, aside);
      fs.renameSync(fresh, dist);
      break;
    } catch (error) {
      if (attempt === SWAP_TRIES) throw error;
      await sleep(LOCK_POLL_MS);
    } finally {
      fs.rmSync(aside, { recursive: true, force: true });
    }
  }
}

/**
 * Saves work, not correctness: two that do compile at once (a lock left by a dead process, taken
 * over twice) have a folder each and swap one after the other.
 */
async function withLock(root, work) {
  const folder = path.join(root, 'dist.build');
  const lock = path.join(folder, 'lock');
  const giveUpAt = Date.now() + BUILD_TIMEOUT_MS;
  while (!tryLock(folder, lock)) {
    if (Date.now() > giveUpAt)
      return { ok: false, problem: `another build holds ${lock}; remove it if none runs` };
    if (holderIsGone(lock)) fs.rmSync(lock, { force: true });
    else await sleep(LOCK_POLL_MS);
  }
  try {
    removeLeftovers(folder);
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
    removeIfEmpty(folder);
  }
}

function tryLock(folder, lock) {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    // ENOENT: whoever was done before us removed the folder in between.
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Half-made folders of builds that were killed. */
function removeLeftovers(folder) {
  for (const name of fs.readdirSync(folder)) {
    const owner = /^(?:new|old)-(\d+)$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

function holderIsGone(lock) {
  try {
    const holder = Number(fs.readFileSync(lock, 'utf8'));
    // Created and not yet written to: its owner is alive and about to write.
    if (holder === 0) return Date.now() - fs.statSync(lock).mtimeMs > 5_000;
    return !isAlive(holder);
  } catch {
    // Released in the meantime.
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

function removeIfEmpty(folder) {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Another one is at work in it.
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outcome = await build(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
  if (!outcome.ok) {
    process.stderr.write(`build: ${outcome.problem}\n`);
    process.exitCode = 1;
  }
}
