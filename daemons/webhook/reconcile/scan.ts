import { z } from 'zod';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor, sealFor } from '../../../lib/secrets/sealed.ts';
import type { Source } from './store.ts';

const scanSchema = z.object({
  /** All times here are the leads' own, in epoch milliseconds. */
  sinceMs: z.int(),
  /** Does it start early enough for the source's cursor to follow it? */
  advances: z.boolean(),
  /** Still to be read, the first one from `cursor` on; null before the page's forms are known. */
  forms: z.array(z.string()).nullable(),
  cursor: z.string().nullable(),
  /** The newest lead that is stored, and the oldest that could not be. */
  newestMs: z.int().nullable(),
  oldestFailedMs: z.int().nullable(),
});

/** How far the comparison of a source has come; enough to go on in another call. */
export type Scan = z.output<typeof scanSchema>;

const DAY_MS = 86_400_000;
/** Meta keeps leads for 90 days. */
const KEPT_MS = 90 * DAY_MS;
/** Leads have been seen to turn up in a form's list later than newer ones. */
const OVERLAP_MS = 3_600_000;

/**
 * A scan from the given time, or from a little before where the last one got to. Before the first, that is
 * where the source was made: older leads were somebody else's business, and are fetched only when asked for.
 */
export function startScan(source: Source, since: Date | undefined, nowMs: number): Scan {
  const oldestMs = nowMs - KEPT_MS;
  const cursorMs = (source.reconciled_until ?? source.created_at).getTime();
  const sinceMs = Math.max(since?.getTime() ?? cursorMs - OVERLAP_MS, oldestMs);
  return {
    sinceMs,
    advances: sinceMs <= Math.max(cursorMs, oldestMs),
    forms: source.form_id === null ? null : [source.form_id],
    cursor: null,
    newestMs: null,
    oldestFailedMs: null,
  };
}

/** How far the source is known to be whole: no further than just before a lead that failed. */
export function wholeUntil(scan: Scan): Date | null {
  if (!scan.advances) return null;
  const { newestMs, oldestFailedMs } = scan;
  if (oldestFailedMs !== null) return new Date(oldestFailedMs - 1_000);
  return newestMs === null ? null : new Date(newestMs);
}

/** A scan as its caller may keep it: sealed, since it decides how far the cursor goes. */
export function sealScan(keyring: Keyring, source: Source, scan: Scan): string {
  return sealFor(keyring, bindingOf(source), JSON.stringify(scan));
}

/** Undefined when it was not sealed here for this source. */
export function openScan(keyring: Keyring, source: Source, continuation: string): Scan | undefined {
  const opened = openFor(keyring, bindingOf(source), continuation);
  return opened.ok ? scanSchema.parse(JSON.parse(opened.secret)) : undefined;
}

function bindingOf(source: Source) {
  return { clientId: source.client_id, field: `reconcile.${source.id}` };
}
