import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestIo } from '../testing/test-io.ts';
import { readSecret } from './secret.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-secret-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('readSecret', () => {
  it('takes standard input or a file, without the last line break', async () => {
    const io = createTestIo({ stdin: ' pass word\n' });
    expect(await readSecret(io, { stdin: true }, 'password')).toBe(' pass word');
    const file = path.join(dir, 'secret');
    await writeFile(file, 'x\r\n');
    expect(await readSecret(createTestIo(), { file }, 'password')).toBe('x');
  });

  it('wants exactly one source, exit 2', async () => {
    const usage = { details: { exitCode: 2 } };
    await expect(readSecret(createTestIo(), {}, 'password')).rejects.toMatchObject(usage);
    const both = readSecret(createTestIo(), { stdin: true, file: 'x' }, 'password');
    await expect(both).rejects.toMatchObject(usage);
  });

  it('refuses an empty and an endless secret', async () => {
    const empty = readSecret(createTestIo({ stdin: '\n' }), { stdin: true }, 'password');
    await expect(empty).rejects.toThrow('password is empty');
    const long = readSecret(
      createTestIo({ stdin: 'x'.repeat(100_000) }),
      { stdin: true },
      'password',
    );
    await expect(long).rejects.toThrow('longer than 64 KiB');
  });
});
