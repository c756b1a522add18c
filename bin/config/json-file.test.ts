import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createJsonFile, type JsonFile } from './json-file.ts';

let parent: string;
let file: JsonFile<{ readonly seen: readonly number[] }>;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'leadctl-json-'));
  file = createJsonFile({
    path: path.join(parent, 'leadctl', 'x.json'),
    schema: () => Promise.resolve(z.object({ seen: z.array(z.number()) })),
    empty: { seen: [] },
  });
});

afterEach(() => rm(parent, { recursive: true, force: true }));

describe('createJsonFile', () => {
  it('loses no update of many at once and leaves nothing else behind', async () => {
    const numbers = Array.from({ length: 20 }, (_, at) => at);
    await Promise.all(numbers.map((n) => file.update(({ seen }) => ({ seen: [...seen, n] }))));
    const { seen } = await file.read();
    expect([...seen].sort((a, b) => a - b)).toEqual(numbers);
    expect(await readdir(path.dirname(file.path))).toEqual(['x.json']);
  });

  it('is for its owner only', async () => {
    await file.update((current) => current);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file.path))).mode & 0o777).toBe(0o700);
  });

  it.each(['{"seen":', '{"seen":["x"]}'])(
    'names a broken file and what to do: %s',
    async (text) => {
      await file.update((current) => current);
      await writeFile(file.path, text);
      const failure = {
        message: expect.stringContaining(file.path),
        details: { code: 'config_broken' },
      };
      await expect(file.read()).rejects.toMatchObject(failure);
      await expect(file.update((current) => current)).rejects.toMatchObject(failure);
    },
  );

  it('takes over the lock of a process that was killed', async () => {
    await file.update((current) => current);
    const lock = `${file.path}.lock`;
    await writeFile(lock, '');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await file.update(() => ({ seen: [1] }));
    expect(await file.read()).toEqual({ seen: [1] });
  });
});
