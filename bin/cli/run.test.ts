import { describe, expect, it } from 'vitest';
import { type Ran, runLeadctl } from '../testing/run.ts';

const run = (...args: string[]): Promise<Ran> => runLeadctl(args, '/nonexistent');

describe('runCli', () => {
  it('lists every noun in the help, on stdout', async () => {
    for (const args of [[], ['--help'], ['help']]) {
      const { code, out, err } = await run(...args);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/context +Stored gateways/);
      expect(out).not.toContain('__complete');
    }
  });

  it('has examples in the help of every command', async () => {
    expect((await run('context', '--help')).out).toContain('$ leadctl context use prod');
    expect((await run('help', 'context', 'use')).out).toContain('$ leadctl context use prod');
  });

  it.each([
    [['contxt'], 'Did you mean context?'],
    [['context', 'uze'], 'Did you mean'],
    [['context', 'ls', '--outputt', 'json'], 'Did you mean --output?'],
    [['client', 'create', 'x', '--country', 'DE'], 'Did you mean --default-country?'],
    [['context', 'ls', '-o', 'xml'], 'Allowed choices are table, wide, json, yaml, name, csv'],
    [['context', 'use'], "Missing required argument 'name'"],
    [['context', 'use', 'a b'], '<name>: letters'],
    [['context'], 'Usage: leadctl context'],
  ])('takes %j for a usage error and says what was meant', async (args, expected) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(expected);
  });

  it('reports a usage error as JSON to who asked for JSON', async () => {
    const { err } = await run('contxt', '-o', 'json');
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'usage', exit_code: 2 } });
  });

  it('takes global options before and after the command', async () => {
    expect((await run('-o', 'json', 'context', 'ls')).out).toBe('[]\n');
    expect((await run('context', '-o', 'json', 'ls')).out).toBe('[]\n');
  });

  it('writes no escape sequence off a terminal', async () => {
    const { err } = await runLeadctl(['contxt'], '/nonexistent', { env: { FORCE_COLOR: '1' } });
    expect(err).not.toContain('\u001b');
  });

  it('colours an error on a terminal unless NO_COLOR is set', async () => {
    const seen = async (env: Record<string, string>) =>
      (await runLeadctl(['contxt'], '/nonexistent', { tty: true, env })).err.includes('\u001b');
    expect([await seen({}), await seen({ NO_COLOR: '1' })]).toEqual([true, false]);
  });
});
