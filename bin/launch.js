// What `bin/leadctl` and `bin/leadd` share. Plain JavaScript that Node 20 can parse: it is what finds
// the right Node, and it runs before anything is compiled.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LEAST_NODE = [22, 19];
const REEXEC_MARK = 'LEADCTL_REEXEC';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Runs the compiled program of that name: answers `--version` at once, moves on to a newer Node when
 * this one is too old, and in a checkout compiles what has changed since the last start.
 */
export async function launch(program) {
  const args = process.argv.slice(2);
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  if (!isRecentEnough(process.versions.node)) {
    reexec(program, args);
    return;
  }
  delete process.env[REEXEC_MARK];
  dieWithParent();
  const problem = await ensureBuilt();
  if (problem !== undefined) {
    fail(program, problem);
    return;
  }
  useCompileCache();
  const { main } = await import(pathToFileURL(path.join(root, 'dist/bin', `${program}.js`)).href);
  await main({ version: packageVersion() });
}

function packageVersion() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/** Sources are there only in a checkout; an installed package brings `dist` and nothing to build. */
async function ensureBuilt() {
  if (isCheckout()) {
    const { refresh } = await import('../tools/build.js');
    const outcome = await refresh(root);
    if (!outcome.ok) return outcome.problem;
  }
  if (existsSync(path.join(root, 'dist/bin'))) return undefined;
  return `dist/ is missing from ${root}; install the package again`;
}

function isCheckout() {
  return existsSync(path.join(root, 'tsconfig.build.json'));
}

/** Compiled code is kept beside the user's other caches, not in a temporary folder others can write to. */
function useCompileCache() {
  const home = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  module.enableCompileCache?.(path.join(home, 'leadctl', 'compiled'));
}

function reexec(program, args) {
  const node = newerNode();
  if (node === undefined || process.env[REEXEC_MARK] !== undefined) {
    const remedy = isCheckout() ? `install one, or run npm ci in ${root}` : 'install one';
    fail(
      program,
      `needs Node ${LEAST_NODE.join('.')} or newer, this is ${process.versions.node}; ${remedy}`,
    );
    return;
  }
  const script = path.join(root, 'bin', program);
  const child = spawn(node, [...process.execArgv, script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [REEXEC_MARK]: '1' },
  });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(program, `cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code ?? 1);
    }
    for (const name of FORWARDED) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function newerNode() {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = path.join(root, 'node_modules/node/bin', binary);
  const hoisted = path.join(root, '../node/bin', binary);
  return [own, hoisted].find((candidate) => existsSync(candidate));
}

/** A launcher that was killed outright could forward nothing: its child must not outlive it. */
function dieWithParent() {
  if (process.channel === undefined || process.send === undefined) return;
  process.on('disconnect', () => {
    process.emit('orphaned');
    process.kill(process.pid, 'SIGKILL');
  });
  process.channel.unref();
}

function fail(program, text) {
  process.stderr.write(`${program}: ${text}\n`);
  process.exitCode = 1;
}
