import { z } from 'zod';
import { INTEGRATIONS } from '../switchboard/names.ts';

const integration = z.enum(INTEGRATIONS);

/** What a check against the providers says of a change. */
export const warning = z.object({
  integration,
  code: z.string(),
  message: z.string(),
  /** What to do about it. */
  remedy: z.string(),
});
export type Warning = z.input<typeof warning>;

export const check = z.object({
  name: z.string(),
  status: z.enum(['ok', 'failed', 'skipped']),
  code: z.string().nullable(),
  /** What was found. */
  message: z.string(),
  /** Of a failed or skipped check: what to do. */
  remedy: z.string().nullable(),
});
export type Check = z.input<typeof check>;

export const testReport = z.object({
  integration,
  ok: z.boolean(),
  checks: z.array(check),
});
export type TestReport = z.input<typeof testReport>;
