import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
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
