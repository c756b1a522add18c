import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Most tests wait for a socket or a disk most of the time.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{bin,daemons,lib,migrations,tools}/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.test.{ts,tsx}'],
          globalSetup: ['lib/testing/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
