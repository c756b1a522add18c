import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  cpSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = path.dirname(import.meta.dirname);
const OLD_NODE = '/usr/bin/node';
const oldVersion = existsSync(OLD_NODE)
  ? spawnSync(OLD_NODE, ['--version'], { encoding: 'utf8' }).stdout.trim()
  : undefined;
const hasOldNode = oldVersion !== undefined && oldVersion.startsWith('v20.');

/** A checkout of its own, whose program says what it got and waits when told to. */
let root: string;
const PROGRAM = `
export async function main({ version }: { readonly version: string }): Promise<void> {
  process.on('SIGTERM', () => process.exit(42));
  const [word = '', argument = ''] = process.argv.slice(2);
  process.stdout.write(JSON.stringify({ node: process.versions.node, version, pid: process.pid }) + '\\n');
  if (word === 'exit') process.exit(Number(argument));
  if (word !== 'wait') return;
  await new Promise((resolve) => setTimeout(resolve, 30_000));
}
`;

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'leadctl-launch-'));
  for (const name of [
    'bin/leadctl',
    'bin/launch.js',
    'tools/build.js',
    'tsconfig.build.json',
    'tsconfig.json',
    'package.json',
  ]) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    cpSync(path.join(repository, name), path.join(root, name));
  }
  symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
  writeFileSync(path.join(root, 'bin/leadctl.ts'), PROGRAM);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function leadctl(node: string, ...args: string[]): SpawnSyncReturns<string> {
  const script = path.join(root, 'bin/leadctl');
  return spawnSync(node, [script, ...args], { encoding: 'utf8', timeout: 60_000 });
}

describe('the launcher', () => {
  it('compiles at the first start and after a change, once for many starting together', async () => {
    const script = path.join(root, 'bin/leadctl');
    const starts = [1, 2, 3].map(() =>
      spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const outcomes = await Promise.all(
      starts.map(async (child) => {
        let err = '';
        child.stderr.on('data', (chunk: Buffer) => {
          err += chunk.toString();
        });
        const [code]: unknown[] = await once(child, 'close');
        return { code, err };
      }),
    );
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(outcomes.filter(({ err }) => err.includes('compiling'))).toHaveLength(1);
    expect(leadctl(process.execPath).stderr).toBe('');
    writeFileSync(path.join(root, 'bin/other.ts'), 'export const other = 1;\n');
    expect(leadctl(process.execPath).stderr).toContain('compiling');
    expect(existsSync(path.join(root, 'dist/bin/other.js'))).toBe(true);
    expect(existsSync(path.join(root, 'dist.build'))).toBe(false);
  }, 60_000);

  it('runs what an installed package brings: no sources, no compiler', () => {
    const installed = path.join(root, 'installed');
    for (const name of ['bin/leadctl', 'bin/launch.js', 'package.json', 'dist']) {
      cpSync(path.join(root, name), path.join(installed, name), { recursive: true });
    }
    const link = path.join(root, 'linked-leadctl');
    symlinkSync(path.join(installed, 'bin/leadctl'), link);
    const outcome = spawnSync(process.execPath, [link, 'exit', '3'], { encoding: 'utf8' });
    expect([outcome.status, outcome.stderr]).toEqual([3, '']);
  });

  it('keeps the working program and says so when a change does not compile', () => {
    const broken = path.join(root, 'bin/broken.ts');
    writeFileSync(broken, 'export const = ;\n');
    const { status, stderr } = leadctl(process.execPath);
    rmSync(broken);
    expect(status).toBe(1);
    expect(stderr).toContain('bin/broken.ts');
    expect(existsSync(path.join(root, 'dist/bin/leadctl.js'))).toBe(true);
  }, 60_000);
});

describe.skipIf(!hasOldNode)(`the launcher under ${oldVersion ?? 'no'} Node at ${OLD_NODE}`, () => {
  it('answers --version itself and runs the rest on a newer Node, exit code and all', () => {
    expect(leadctl(OLD_NODE, '--version')).toMatchObject({ status: 0, stdout: '0.1.0\n' });
    const { status, stdout } = leadctl(OLD_NODE, 'exit', '7');
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      node: expect.stringMatching(/^2[2-9]\./),
      version: '0.1.0',
    });
  }, 60_000);

  it('says in one line what is missing when there is no newer Node', () => {
    const bare = path.join(root, 'bare');
    mkdirSync(path.join(bare, 'bin'), { recursive: true });
    for (const name of ['bin/leadctl', 'bin/launch.js', 'package.json']) {
      cpSync(path.join(repository, name), path.join(bare, name));
    }
    const { status, stderr } = spawnSync(OLD_NODE, [path.join(bare, 'bin/leadctl'), 'x'], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^leadctl: needs Node 22\.19 or newer, this is 20\..*\n$/);
  });

  it('passes a signal on and hands the exit code back', async () => {
    const child = spawn(OLD_NODE, [path.join(root, 'bin/leadctl'), 'wait'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([42, null]);
  }, 60_000);

  it('leaves nothing running when it is killed outright', async () => {
    const child = spawn(OLD_NODE, [path.join(root, 'bin/leadctl'), 'wait'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line]: unknown[] = await once(child.stdout, 'data');
    const { pid } = JSON.parse(String(line));
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(Number(pid)), { timeout: 5_000 }).toBe(false);
  }, 60_000);
});

describe('bin/leadctl of this checkout', () => {
  it('ends with 0 for what it can do and 2 for what it cannot understand', () => {
    const script = path.join(repository, 'bin/leadctl');
    const node = hasOldNode ? OLD_NODE : process.execPath;
    const run = (...args: string[]) => spawnSync(node, [script, ...args], { encoding: 'utf8' });
    expect(run('--version').status).toBe(0);
    expect(run('--help').status).toBe(0);
    expect(run('no-such-command')).toMatchObject({ status: 2, stdout: '' });
  }, 60_000);
});

describe('a start of leadctl', () => {
  it('loads nothing heavy to answer --help', () => {
    const spy = `data:text/javascript,${encodeURIComponent(`
      import { registerHooks } from 'node:module';
      registerHooks({ resolve(name, context, next) {
        const found = next(name, context);
        process.stderr.write(found.url + '\\n');
        return found;
      } });`)}`;
    const args = ['--import', spy, path.join(repository, 'bin/leadctl'), '--help'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).toContain('node_modules/commander/');
    const heavy =
      /node_modules\/(?:ink|react|knex|objection|googleapis|zod|agenda|mongodb|pg|koa)\//;
    expect(stderr.split('\n').filter((url) => heavy.test(url))).toEqual([]);
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
