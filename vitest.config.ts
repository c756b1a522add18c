import { defineConfig } from 'vitest/config';

/** On a shared machine a test with a time limit may be starved once; twice is a failure. */
const STARVED = 1;

export default defineConfig({
  test: {
    // Most tests wait for a socket or a disk most of the time.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          retry: STARVED,
          include: ['{bin,daemons,lib,migrations,sandbox,tools}/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          retry: STARVED,
          include: ['test/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
