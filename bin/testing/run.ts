import { createConfigStore } from '../config/store.ts';
import type { CliDeps } from '../cli/context.ts';
import { runCli } from '../cli/run.ts';
import { createTestIo, type TestIoOptions } from './test-io.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs leadctl in this process, with its configuration in `configDir`. */
export async function runLeadctl(
  args: readonly string[],
  configDir: string,
  options: TestIoOptions & Partial<Omit<CliDeps, 'io'>> = {},
): Promise<Ran> {
  const io = createTestIo(options);
  const code = await runCli(args, {
    now: () => new Date('2026-03-01T12:00:00Z'),
    version: '0.0.0-test',
    store: createConfigStore(configDir),
    interruption: () => new AbortController().signal,
    ...options,
    io,
  });
  return { code, out: io.out(), err: io.err() };
}
