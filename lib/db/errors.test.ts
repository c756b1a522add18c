import { expect, test } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { isOutage } from './errors.ts';
import { createPool } from './pool.ts';

const log = createLogger({ service: 'test', version: 'test', level: 'silent' });

test.each([
  ['a port that nobody listens on', '127.0.0.1:1'],
  ['a name that is gone, as of a container that died', 'postgres.invalid:5432'],
])('%s is an outage', async (_what, at) => {
  const pool = createPool(
    { url: `postgres://x@${at}/x`, role: 'leadctl_lead', applicationName: 'test', max: 1 },
    log,
  );
  const error: unknown = await pool.query('SELECT 1').catch((thrown: unknown) => thrown);
  expect(error).toSatisfy(isOutage);
  await pool.end();
});
