import { defineConfig } from 'vitest/config';

/** Tests wait for facts; these only end one that waits for ever, on a machine that may be busy. */
const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Most tests wait for a socket or a disk most of the time.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          ...TIMEOUTS,
          include: ['{bin,daemons,lib,migrations,sandbox,tools}/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          ...TIMEOUTS,
          include: ['test/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
        },
      },
    ],
  },
});
