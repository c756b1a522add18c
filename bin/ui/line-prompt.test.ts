import { expect, test } from 'vitest';
import { createTestIo } from '../testing/test-io.ts';
import { askHidden } from './line-prompt.ts';

const typing = (stdin: string) => createTestIo({ tty: true, stdin });

test('a line is taken without being shown, corrections made', async () => {
  const io = typing('wrong\u0015secrex\u007ft wörd\r');
  expect(await askHidden(io, 'Password:')).toBe('secret wörd');
  expect(io.err()).toBe('Password: \n');
  expect(io.out()).toBe('');
});

test('two questions get a line each, also when both were typed at once', async () => {
  const io = typing('first\nsecond\n');
  expect(await askHidden(io, 'One:')).toBe('first');
  expect(await askHidden(io, 'Two:')).toBe('second');
});

test('Ctrl-D is no answer, Ctrl-C an interruption', async () => {
  expect(await askHidden(typing('half\u0004'), 'Password:')).toBeUndefined();
  await expect(askHidden(typing('half\u0003'), 'Password:')).rejects.toMatchObject({
    details: { exitCode: 130 },
  });
});
