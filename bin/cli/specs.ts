import * as z from 'zod';
import type { OptionSpec } from './command.ts';

/** Options and inputs that many verbs share, so that they read the same everywhere. */

export const limitOption: OptionSpec = { flags: '--limit <n>', help: 'how many to show' };
export const allOption: OptionSpec = { flags: '--all', help: 'show all there are' };
export const ifNotExistsOption: OptionSpec = {
  flags: '--if-not-exists',
  help: 'succeed, with what is there, when it exists already',
};

/** `--limit` and `--all` of a list; none given means `usual`. */
export function listInput(usual: number) {
  return {
    limit: z.coerce.number().int().positive().default(usual),
    all: z.boolean().default(false),
  };
}

export function limitOf(input: { readonly limit: number; readonly all: boolean }): number {
  return input.all ? Number.MAX_SAFE_INTEGER : input.limit;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** How long: `90` (seconds), `30m`, `24h`, `7d`; becomes seconds. */
export function duration(text: string, context: z.RefinementCtx): number {
  const [, amount, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text.trim()) ?? [];
  const unitMs = UNITS_MS[unit];
  if (amount !== undefined && unitMs !== undefined) return (Number(amount) * unitMs) / 1_000;
  context.addIssue('give a time span such as 90s, 30m, 24h or 7d');
  return z.NEVER;
}

/** A moment to come as RFC 3339, a date, or how far from now (`24h`, `30d`); becomes RFC 3339 UTC. */
export function momentToCome(now: () => Date) {
  return (text: string, context: z.RefinementCtx): string => {
    const spanMs = spanOf(text);
    if (spanMs !== undefined) return new Date(now().getTime() + spanMs).toISOString();
    return dated(text, context);
  };
}

/** A moment as RFC 3339, a date, or how long ago (`30m`, `24h`, `7d`); becomes RFC 3339 UTC. */
export function moment(now: () => Date) {
  return (text: string, context: z.RefinementCtx): string => {
    const spanMs = spanOf(text);
    if (spanMs !== undefined) return new Date(now().getTime() - spanMs).toISOString();
    return dated(text, context);
  };
}

function spanOf(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

function dated(text: string, context: z.RefinementCtx): string {
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : undefined;
  if (parsed !== undefined && !Number.isNaN(parsed.getTime())) return parsed.toISOString();
  context.addIssue('give a time such as 2026-03-01T12:00:00Z, 2026-03-01, 30m, 24h or 7d');
  return z.NEVER;
}
