import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, startUp, workplace, type Platform, type Workplace } from './platform.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...['docs', 'docs/how-to', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];
/** Their `sh` blocks are typed in order, as a reader would; one that is marked `norun` is for elsewhere. */
const WALKED = [
  'docs/tutorial.md',
  'docs/how-to/website-form.md',
  'docs/how-to/providers.md',
  'docs/how-to/kubernetes.md',
  'docs/runbook.md',
];

/** What a page may have to answer for: anything but a wrong command. 2 is a usage error, 127 no such program. */
const MEANT_TO_FAIL = new Map([
  ['bin/leadctl doctor', 'it finds things to say about a platform of a test'],
  ['bin/leadctl diff', 'tells of changes by its exit code'],
  ['bin/leadctl integration test', 'the demo’s template is only in the sandbox'],
  ['bin/leadctl meta reconcile', 'there may be nothing to compare'],
  ['kubectl', 'may not be there'],
]);

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const blocksOf = (page: string) =>
  [...textOf(page).matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block.trim());
const commandsOf = (block: string) =>
  block.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

let at: Workplace;
let platform: Platform;
let folder: string;

beforeAll(async () => {
  at = await workplace(9_300);
  platform = await startUp(at);
  folder = await mkdtemp(join(tmpdir(), 'leadctl-docs-'));
  for (const name of ['bin', 'deploy', 'examples'])
    await symlink(join(ROOT, name), join(folder, name));
});
afterAll(async () => {
  await platform?.stop();
  await at?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function type(command: string): Promise<{ code: number | null; said: string }> {
  const child = spawn('bash', ['-c', command], {
    cwd: folder,
    env: {
      ...process.env,
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, '.config'),
      LEADCTL_URL: platform.ready.gateway,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, said };
}

describe('what the pages say to type', () => {
  test('works, in the order in which it stands', { timeout: 180_000 }, async () => {
    const login = `printf %s '${ADMIN.password}' | bin/leadctl login --email ${ADMIN.email} --password-stdin`;
    expect(await type(login)).toMatchObject({ code: 0 });
    const wrong: unknown[] = [];
    for (const page of WALKED) {
      for (const command of blocksOf(page).flatMap(commandsOf)) {
        // Logged in as another administrator above: this platform's was given to it.
        if (command.includes('--password-file .leadctl')) continue;
        const { code, said } = await type(command);
        const mayFail = [...MEANT_TO_FAIL.keys()].some((start) => command.startsWith(start));
        const isWrong = code !== 0 && !(mayFail && code !== 2);
        if (isWrong) wrong.push({ page, command, code, said });
      }
    }
    expect(wrong).toEqual([]);
  });

  test('stands on every page in a way that bash can read', async () => {
    for (const page of PAGES) {
      for (const block of blocksOf(page)) {
        const { code, said } = await type(`bash -n <<'LEADCTL_BLOCK'\n${block}\nLEADCTL_BLOCK`);
        expect([page, block, code, said]).toEqual([page, block, 0, '']);
      }
    }
  });
});

describe('pages', () => {
  test('lead to files and headings that are there', () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
    const dangling = PAGES.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
        if (/^https?:/.test(target)) return [];
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(ROOT, file))) return [`${page}: ${target}`];
        if (anchor === undefined) return [];
        const headings = [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
          slug(text),
        );
        return headings.includes(anchor) ? [] : [`${page}: ${target}`];
      }),
    );
    expect(dangling).toEqual([]);
  });

  test('name files and folders of this repository that are there', () => {
    const mentioned = ['CONTRIBUTING.md', 'SECURITY.md', 'docs/runbook.md', 'README.md'].flatMap(
      (page) =>
        [
          ...textOf(page).matchAll(
            /`((?:bin|daemons|lib|migrations|test|deploy|docs|examples|tools)\/[\w./-]*)`/g,
          ),
        ].map(([, path = '']) => ({ page, path })),
    );
    const isFuture = (path: string) => path.includes('0003_');
    expect(
      mentioned.filter(({ path }) => !isFuture(path) && !existsSync(join(ROOT, path))),
    ).toEqual([]);
  });
});

describe('the diagram of docs/architecture.md', () => {
  test('shows who imports from whom, as the code does', () => {
    const diagram = /```mermaid\n([^]*?)```/.exec(textOf('docs/architecture.md'))?.[1] ?? '';
    const drawn = [...diagram.matchAll(/^\s*(\w+) --> (\w+)/gm)].map(
      ([, from, to]) => `${from} → ${to}`,
    );
    const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"](\.{1,2}\/[^'"]+)['"]/g;
    const seen = new Set<string>();
    const areas = ['bin', 'daemons', 'lib', 'migrations', 'sandbox'];
    for (const area of areas) {
      for (const name of readdirSync(join(ROOT, area), { recursive: true, encoding: 'utf8' })) {
        if (!/\.tsx?$/.test(name) || /\.test\.|(?:^|\/)testing(?:\/|\.ts$)/.test(name)) continue;
        const file = join(area, name);
        for (const [, specifier = ''] of textOf(file).matchAll(IMPORT)) {
          const [to = ''] = join(dirname(file), specifier).split('/');
          if (to !== area && areas.includes(to)) seen.add(`${area} → ${to}`);
        }
      }
    }
    expect(drawn.toSorted()).toEqual([...seen].toSorted());
  });
});
