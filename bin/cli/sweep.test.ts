import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakeGateway } from '../testing/fake-gateway.ts';
import { runLeadctl } from '../testing/run.ts';
import { commandTree } from '../testing/tree.ts';

const { root, commands } = await commandTree();
const actions = commands.filter(({ acts }) => acts).map((doc) => [doc.path, doc] as const);

let dir: string;
let nowhere: string;
beforeAll(async () => {
  const gone = await startFakeGateway({});
  nowhere = gone.url;
  await gone.stop();
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-sweep-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** The words of the call that the example is about, without what it is piped from, into or substituted by. */
function wordsOf(example: string, line: string): string[] {
  const calls = example.match(/(?<![\w/])leadctl [^|>&)]*/g) ?? [];
  const call = calls.find((each) => `${each.trim()} `.startsWith(`${line} `)) ?? '';
  return [...call.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word);
}

describe.each(commands.map((doc) => [doc.path, doc] as const))('%s', (line, { command }) => {
  test('has a help with usage and an example, without escape sequences off a terminal', async () => {
    const args = [...line.split(' ').slice(1), '--help'];
    const ran = await runLeadctl(args, dir, { env: { FORCE_COLOR: '1' } });
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain(`Usage: ${line}`);
    expect(ran.out).toContain(command.description().slice(0, 20));
    expect(ran.out).toMatch(/\nExamples:\n {2}\$ .*leadctl /);
    expect(ran.out).not.toContain('\u001b');
  });
});

describe.each(actions)('the examples of %s', (line, { command, examples }) => {
  test('are calls of that command, with options that it has', () => {
    expect(examples.length).toBeGreaterThan(0);
    const known = new Set(
      [...command.options, ...root.options].flatMap(({ short, long }) => [short, long]),
    );
    for (const example of examples) {
      const words = wordsOf(example, line);
      expect([example, words.length]).not.toEqual([example, 0]);
      const options = words.filter((word) => /^--?[a-z]/i.test(word));
      expect(options.filter((option) => !known.has(option.replace(/=.*/, '')))).toEqual([]);
    }
  });
});

/**
 * These start or open something on this machine instead of asking a gateway; and to the doctor, no gateway is a
 * finding, not an error.
 */
const LOCAL =
  /^leadctl (doctor|up|migrate|logs|explain|secrets|admin|completion|context|logout|token print|open|version)\b/;
const remote = actions.filter(([line]) => !LOCAL.test(line));

describe.each(remote)('%s, where no gateway is', (line, { command }) => {
  test('ends soon with an error on stderr alone, asking and colouring nothing', async () => {
    const operands = command.registeredArguments
      .filter(({ required }) => required)
      .map((argument) => argument.argChoices?.[0] ?? '0190a5b0-0000-7000-8000-000000000000');
    const env = {
      LEADCTL_URL: nowhere,
      LEADCTL_SANDBOX_URL: nowhere,
      LEADCTL_TOKEN: 't',
      LEADCTL_CLIENT: 'acme',
      LEADCTL_API_KEY: 'k',
      FORCE_COLOR: '1',
    };
    const ran = await runLeadctl([...line.split(' ').slice(1), ...operands], dir, { env });
    expect([1, 2]).toContain(ran.code);
    expect(ran.out).toBe('');
    expect(ran.err).toMatch(/^Error: /m);
    expect(ran.err).not.toContain('\u001b');
    expect(ran.err).not.toMatch(/\n +at |undefined|\[object/);
  });
});
