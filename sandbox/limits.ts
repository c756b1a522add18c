import { z } from 'zod';

const count = z.coerce.number().int().positive();

/** What the sandbox's daemon reads from the environment; everything is kept in memory and bounded. */
export const sandboxSettings = z.object({
  SANDBOX_KEEP_ENTRIES: count
    .default(10_000)
    .describe('Messages, leads, requests and webhooks, each, that are kept; the oldest go first'),
  SANDBOX_KEEP_SPREADSHEETS: count
    .default(200)
    .describe('Spreadsheets that are kept; the oldest go first'),
  SANDBOX_CELLS_MAX: count
    .default(1_000_000)
    .describe('Cells a spreadsheet may hold; past it Google’s own error is answered'),
  SANDBOX_SMTP_PORT: count
    .max(65_535)
    .optional()
    .describe('Where its mail server listens, for SMTP_URL; without it there is none'),
  SANDBOX_WEBHOOKS_QUEUE_MAX: count
    .default(10_000)
    .describe('Webhooks that may wait to be sent; past it the oldest are dropped and counted'),
});

export interface SandboxLimits {
  readonly keepEntries: number;
  readonly keepSpreadsheets: number;
  readonly maxCells: number;
  readonly maxQueuedWebhooks: number;
}

export function limitsFrom(settings: z.output<typeof sandboxSettings>): SandboxLimits {
  return {
    keepEntries: settings.SANDBOX_KEEP_ENTRIES,
    keepSpreadsheets: settings.SANDBOX_KEEP_SPREADSHEETS,
    maxCells: settings.SANDBOX_CELLS_MAX,
    maxQueuedWebhooks: settings.SANDBOX_WEBHOOKS_QUEUE_MAX,
  };
}

export const DEFAULT_LIMITS: SandboxLimits = limitsFrom(sandboxSettings.parse({}));
