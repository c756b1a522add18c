import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const hasScript = spawnSync('script', ['--version']).status === 0;
const module_ = path.join(import.meta.dirname, 'run-view.ts');

/** A view on a terminal of its own; what `then` does to it happens once it stands. */
async function drawn(then: string): Promise<string> {
  const program = `
    import { createElement } from 'react';
    import { Text, useInput } from 'ink';
    import { runView } from ${JSON.stringify(module_)};
    const View = () => { useInput(() => {}); return createElement(Text, null, 'STANDS'); };
    setTimeout(() => { ${then} }, 300);
    await runView({ stdin: process.stdin, stdout: process.stdout }, createElement(View), new AbortController().signal);
  `;
  const node = `${process.execPath} --input-type=module -e '${program.replaceAll("'", "'\\''")}'`;
  const child = spawn('script', ['-qec', node, '/dev/null'], {
    cwd: path.join(import.meta.dirname, '../../..'),
    env: { ...process.env, TERM: 'xterm', CI: '', NODE_NO_WARNINGS: '1' },
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await once(child, 'close');
  return out;
}

const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?1049l';
const SHOW_CURSOR = '\u001b[?25h';

describe.skipIf(!hasScript)('a view leaves the terminal as it was', () => {
  test.each([
    ['when it crashes', `throw new Error('a defect')`],
    ['when a promise is lost', `Promise.reject(new Error('a defect'))`],
    ['when it is told to end', `process.kill(process.pid, 'SIGTERM')`],
    ['when its terminal goes', `process.kill(process.pid, 'SIGHUP')`],
    ['when the process just exits', `process.exit(3)`],
    [
      'when its launcher is killed outright',
      `process.emit('orphaned'); process.kill(process.pid, 'SIGKILL')`,
    ],
  ])('%s', async (_when, then) => {
    const out = await drawn(then);
    expect(out).toContain('STANDS');
    expect(out.lastIndexOf(LEAVE)).toBeGreaterThan(out.lastIndexOf(ENTER));
    expect(out.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(out.lastIndexOf('\u001b[?25l'));
  });
});
