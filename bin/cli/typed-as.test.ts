import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { Failure } from '../ui/failure.ts';
import { asTyped } from './typed-as.ts';

const command = new Command('create')
  .argument('[name]')
  .option('--origin <origin>')
  .option('--per-minute <n>')
  .option('--reports-to <member>')
  .option('--setting <name=value>');

const failure = (path: string): Failure => ({
  exitCode: 1,
  code: 'validation_failed',
  message: 'The request is not valid',
  why: `${path}: is wrong`,
  errors: [{ path, message: 'is wrong' }],
});

test.each([
  ['body.allowed_origins.0', '--origin'],
  ['body.rate_limit_per_minute', '--per-minute'],
  ['body.reports_to_user_client_id', '--reports-to'],
  ['body.settings.url', '--setting url'],
  ['body.name', '<name>'],
  ['body.grants.0', 'body.grants.0'],
])('a field is called as it was typed: %s', (path, typed) => {
  const { why, errors } = asTyped(failure(path), command);
  expect([why, errors?.[0]?.path]).toEqual([`${typed}: is wrong`, typed]);
});
