import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { openDatabases } from './database.ts';
import { holdings, leftBehind } from './leaks.ts';

const CLOSING_MS = 2_000;
const LOOK_EVERY_MS = 20;

const now = () => holdings(process.getActiveResourcesInfo(), openDatabases());

let before = now();

beforeAll(() => {
  before = now();
});

/** Runs after the file's own hooks. What was closed may take a moment to be gone. */
afterAll(async () => {
  let left = leftBehind(before, now());
  for (let waited = 0; left.length > 0 && waited < CLOSING_MS; waited += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    left = leftBehind(before, now());
  }
  if (left.length > 0) throw new Error(`This file left behind: ${left.join('; ')}.`);
});
