import { statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Tests wait for facts; these only end one that waits for ever, on a machine that may be busy. */
const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 };

const MEMORY = '/dev/shm';
const ROOM_NEEDED_BYTES = 4 * 1024 ** 3;

/**
 * Hundreds of databases are cloned and dropped, and dozens of clusters made: in memory a clone took
 * 80 ms in place of 600. Test files, their workers and what they start all read TMPDIR.
 */
function hasMemoryFolder(): boolean {
  const folder = statfsSync(MEMORY);
  return folder.bavail * folder.bsize >= ROOM_NEEDED_BYTES;
}

if (process.platform === 'linux' && hasMemoryFolder()) process.env['TMPDIR'] ??= MEMORY;

export default defineConfig({
  test: {
    // Most tests wait for a socket or a disk most of the time.
    maxWorkers: 2,
    // Modules keep no state, so that files share them: importing everything anew for each took 40 % of the time.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          ...TIMEOUTS,
          include: ['{bin,daemons,lib,migrations,sandbox,tools}/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
          setupFiles: ['lib/testing/leak-check.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          ...TIMEOUTS,
          include: ['test/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
          setupFiles: ['lib/testing/leak-check.ts'],
        },
      },
    ],
  },
});
