import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allOperations } from '../bin/client/contracts.ts';
import { templateOf } from '../bin/client/templates.ts';
import type { Bench, Figure } from './bench.ts';
import { ROOT } from './platform.ts';
import { ofRounds } from './sides.ts';

const ROUNDS = 5;
const ANSWERS = join(ROOT, 'bin/console/testing/answers.json');

/** One of each sort: nothing but itself, one request, several, the whole command tree. */
const COMMANDS = [
  '--version',
  '--help',
  'lead --help',
  'client ls',
  'lead ls',
  'delivery ls',
  'destination ls',
  'hierarchy tree',
  'key ls',
  'role ls',
  'permission ls',
  'audit ls --everywhere',
  'webhook events',
  'integration get',
  'explain lead',
  'version',
  'context ls',
  'completion bash',
] as const;

/** What a command costs by itself: its time against a gateway that answers from memory, less that of a bare Node. */
export const bench: Bench = {
  name: 'cli',
  what: 'commands against a gateway in memory, less what a bare Node takes',
  async run({ against }) {
    const gateway = await startGateway();
    const home = await mkdtemp(join(tmpdir(), 'leadctl-bench-cli-'));
    try {
      const figures = await figuresOf(ROOT, gateway.url, home);
      return against === undefined
        ? { figures }
        : { figures, before: await figuresOf(against, gateway.url, home) };
    } finally {
      gateway.stop();
      await rm(home, { recursive: true, force: true });
    }
  },
};

async function figuresOf(root: string, url: string, home: string): Promise<Figure[]> {
  const env = {
    ...process.env,
    LEADCTL_URL: url,
    LEADCTL_TOKEN: 'lsk_of_the_bench',
    LEADCTL_CLIENT: 'acme',
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
  };
  const timed = async (args: readonly string[]): Promise<number[]> => {
    // The first one fills the cache of compiled code.
    await run(args, env);
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await run(args, env));
    return rounds;
  };
  const bare = ofRounds('node', 'ms', await timed(['-e', '0']));
  const figures: Figure[] = [bare];
  for (const command of COMMANDS) {
    const rounds = await timed([join(root, 'bin/leadctl'), ...command.split(' ')]);
    if (command === '--version') {
      figures.push(
        ofRounds(
          'version-to-node',
          '',
          rounds.map((ms) => ms / bare.value),
        ),
      );
    }
    const own = rounds.map((ms) => Math.max(0, ms - bare.value));
    figures.push(ofRounds(command.replaceAll(' ', '-'), 'ms', own));
  }
  return figures;
}

/** Milliseconds from its start to its end; a command that fails is no measure. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = await once(child, 'close');
  const tookMs = performance.now() - startedMs;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${err}`);
  return tookMs;
}

/** Answers every operation with what the demo platform once did. */
async function startGateway(): Promise<{ readonly url: string; stop(): void }> {
  const recorded: { answers: Record<string, unknown> } = JSON.parse(
    await readFile(ANSWERS, 'utf8'),
  );
  const operations = await allOperations();
  const routes = operations.map(({ route, name }) => ({ ...route, name }));
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    const name = templateOf(routes, method, url)?.name.split('.')[1] ?? '';
    const body = recorded.answers[name];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { status: 404, code: 'not_found', title: name }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}
