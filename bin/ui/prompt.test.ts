import { describe, expect, it } from 'vitest';
import { createTestIo } from '../testing/test-io.ts';
import { confirm } from './prompt.ts';

const question = 'Archive acme?';

describe('confirm', () => {
  it('asks at a terminal, on stderr, and goes on after a yes', async () => {
    const io = createTestIo({ tty: true, stdin: 'y\n' });
    await confirm(io, { question }, false);
    expect(io.err()).toContain('Archive acme? [y/N]');
    expect(io.out()).toBe('');
  });

  it.each(['n\n', '\n', 'yep\n'])('takes %j for a no, exit 3', async (stdin) => {
    const io = createTestIo({ tty: true, stdin });
    await expect(confirm(io, { question }, false)).rejects.toMatchObject({
      details: { exitCode: 3 },
    });
  });

  it('wants the name itself for the severe', async () => {
    const asked = { question, typed: 'acme' };
    await confirm(createTestIo({ tty: true, stdin: 'acme\n' }), asked, false);
    const wrong = confirm(createTestIo({ tty: true, stdin: 'y\n' }), asked, false);
    await expect(wrong).rejects.toMatchObject({ details: { exitCode: 3 } });
  });

  it('never asks off a terminal: exit 2 with the flag, or the flag', async () => {
    const io = createTestIo({ stdin: 'y\n' });
    await expect(confirm(io, { question }, false)).rejects.toMatchObject({
      details: { exitCode: 2, next: 'add --yes to do it' },
    });
    await confirm(io, { question }, true);
  });
});
