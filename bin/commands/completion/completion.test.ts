import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

let dir: string;
let script: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-completion-'));
  script = path.join(dir, 'leadctl.bash');
  await writeFile(script, (await runLeadctl(['completion', 'bash'], dir)).out);
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** What bash would offer for the last word; `leadctl __complete` answers with hostile values. */
function offered(...words: string[]): string[] {
  const program = `
    leadctl() { printf '%s\\n' 'prod' '$(touch ${dir}/owned)' "asked:$*" ; }
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _leadctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', program, 'bash', script, 'leadctl', ...words];
  const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8', timeout: 10_000 });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash completion', () => {
  it('offers nouns, verbs, options and fixed values', () => {
    expect(offered('con')).toEqual(['context']);
    expect(offered('context', '')).toEqual(['ls', 'current', 'use', 'set', 'rm']);
    expect(offered('context', 'ls', '--o')).toEqual(['--output']);
    expect(offered('context', 'ls', '-o', 'j')).toEqual(['json']);
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('is not led astray by the value of an option', () => {
    expect(offered('--url', 'context', 'con')).toEqual(['context']);
    expect(offered('-o', 'json', 'context', 'us')).toEqual(['use']);
  });

  it('asks for values of the client and gateway that were typed', () => {
    const asked = (...words: string[]) => offered(...words, 'asked')[0]?.replaceAll('\\', '');
    expect(asked('--client', 'globex', 'key', 'revoke')).toBe(
      'asked:__complete keys --client globex',
    );
    // As bash hands over --context=prod.
    expect(asked('key', 'revoke', '--context', '=', 'prod')).toBe(
      'asked:__complete keys --context prod',
    );
    expect(asked('member', 'ls', '--client')).toBe('asked:__complete clients');
  });

  it('offers no files where a value is one of the platform’s', () => {
    const asked = (...words: string[]) => offered(...words, 'asked')[0]?.replaceAll('\\', '');
    expect(asked('can-i')).toBe('asked:__complete methods');
    expect(asked('can-i', 'GET')).toBe('asked:__complete paths');
    expect(asked('lead', 'trace')).toBe('asked:__complete leads');
    expect(asked('delivery', 'get')).toBe('asked:__complete deliveries');
    expect(asked('product', 'attach')).toBe('asked:__complete products');
    expect(asked('role', 'grant', 'rep')).toBe('asked:__complete operations');
  });

  it('looks values up and runs none of them', async () => {
    expect(offered('context', 'use', 'p')).toEqual(['prod']);
    expect(offered('context', 'use', '$')).toHaveLength(1);
    expect(spawnSync('ls', [path.join(dir, 'owned')]).status).not.toBe(0);
  });
});

describe('other shells', () => {
  it.each(['zsh', 'fish'])('has a script for %s with nouns, verbs and lookups', async (shell) => {
    const { code, out } = await runLeadctl(['completion', shell], dir);
    expect(code).toBe(0);
    expect(out).toContain('Stored gateways');
    expect(out).toContain(`'context use:0'`);
    expect(out).not.toContain('undefined');
  });
});

describe('__complete', () => {
  it('prints the values of a kind, one a line', async () => {
    await runLeadctl(['context', 'set', 'prod', '--url', 'http://x.example'], dir);
    expect(await runLeadctl(['__complete', 'contexts'], dir)).toEqual({
      code: 0,
      out: 'prod\n',
      err: '',
    });
  });

  it.each(['clients', 'keys', 'members', 'roles'])(
    'says nothing of %s, soon, when the gateway does not answer or refuses',
    async (kind) => {
      const gateway = await startFakeGateway({ 'GET /api/clients': () => new Promise(() => {}) });
      const env = { LEADCTL_URL: gateway.url, LEADCTL_TOKEN: 't', LEADCTL_CLIENT: 'acme' };
      const startedAt = performance.now();
      expect(await runLeadctl(['__complete', kind], dir, { env })).toEqual({
        code: 0,
        out: '',
        err: '',
      });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      await gateway.stop();
    },
  );
});
