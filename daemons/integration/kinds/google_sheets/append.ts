import { setTimeout as sleep } from 'node:timers/promises';
import { rowsThatFit } from '../../../../lib/providers/google-sheets/cells.ts';
import type { SheetsClient } from '../../../../lib/providers/google-sheets/client.ts';
import { refusesRows } from '../../../../lib/providers/google-sheets/errors.ts';
import type { CallReport, ProviderFailure } from '../../../../lib/providers/outcome.ts';
import { fieldsOf } from '../../sending/fields.ts';
import type { AttemptResult, ClaimedDelivery } from '../../sending/model.ts';
import type { TokenBucket } from '../../sending/rate.ts';
import { renderEach } from '../../sending/render.ts';
import type { LaneRun } from '../../sending/run.ts';
import { alone, delivered, failed } from '../../sending/settle.ts';
import { columnsOf, type SheetsSettings } from './settings.ts';
import { firstRowOf, rowFor, type SheetTarget } from './table.ts';

/** The most that are claimed, and go along in one call. */
export const MOST_ROWS = 500;

/** Deliveries that go to one sheet. */
export interface Batch {
  readonly run: LaneRun;
  readonly target: SheetTarget;
  readonly settings: SheetsSettings;
  readonly deliveries: readonly ClaimedDelivery[];
  /** Of the settings that the calls are made with. */
  readonly version: number | null;
}

/** Appends a row for each, as many in a call as fit. */
export async function append(
  client: SheetsClient,
  bucket: TokenBucket,
  { run, target, settings, deliveries, version }: Batch,
  header: readonly string[],
): Promise<void> {
  const rendered = renderEach(deliveries, (one) =>
    rowFor(header, columnsOf(settings), cellsOf(one, settings)),
  );
  await run.finish(rendered.flatMap((one) => (one.ok ? [] : [one.result])));
  let waiting = rendered.flatMap((one) => (one.ok ? [one] : []));
  for (let isFirst = true; waiting.length > 0; isFirst = false) {
    if (!isFirst) await takeOne(bucket, run);
    if (run.isOver()) return run.putBack(deliveriesOf(waiting), 0);
    const rows = waiting.map(({ value }) => value);
    const count = rowsThatFit(rows, { maxRows: MOST_ROWS });
    const next = waiting.slice(0, count);
    waiting = waiting.slice(count);
    const ours = await run.begin(deliveriesOf(next));
    const sent = next.filter(({ delivery }) => ours.has(delivery.id));
    if (sent.length === 0) continue;
    const batch = deliveriesOf(sent);
    const appended = await client.appendRows({ ...target, rows: sent.map(({ value }) => value) });
    if (appended.kind !== 'ok') {
      await (refusesRows(appended)
        ? run.finish(refused(batch, appended))
        : run.fail(batch, appended, appended.call, { version, random: sharedRandom() }));
      return run.putBack(deliveriesOf(waiting), 0);
    }
    const row = firstRowOf(appended.value.updatedRange);
    await run.finish(
      batch.map((delivery, index) => {
        const at =
          row === null ? appended.value.updatedRange : `${target.sheetName}!${row + index}`;
        return delivered(delivery, appended.call, { reference: at, providerStatus: 'appended' });
      }),
    );
  }
}

/** The lead's fields, its time as the sheet's readers tell it. */
function cellsOf(delivery: ClaimedDelivery, { time_zone: timeZone }: SheetsSettings) {
  const fields = fieldsOf(delivery);
  return timeZone === undefined
    ? fields
    : { ...fields, created_at: localTime(delivery.lead.created_at, timeZone) };
}

/** `2026-11-24 13:05:09` in that time zone, which a sheet takes for a time. */
function localTime(at: Date, timeZone: string): string {
  // Swedish is the locale that writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at);
}

const deliveriesOf = (rows: readonly { readonly delivery: ClaimedDelivery }[]) =>
  rows.map(({ delivery }) => delivery);

/** Google does not say which row it refuses: each is sent alone, and only the one that is refused then fails. */
function refused(
  batch: readonly ClaimedDelivery[],
  { code, message, call }: ProviderFailure & { readonly call: CallReport },
): AttemptResult[] {
  const [only] = batch;
  if (only === undefined || batch.length > 1) {
    return batch.map((delivery) => alone(delivery, call, { code, message }));
  }
  const reason = `Google refuses the row of this lead: ${message}`;
  return [failed(only, { code, message: reason }, call)];
}

/** Waits for a token, or until the run is over. */
export async function takeOne(bucket: TokenBucket, run: LaneRun): Promise<void> {
  while (bucket.take(1) === 0 && !run.isOver()) {
    await sleep(bucket.waitMs(), undefined, { signal: run.over }).catch(() => undefined);
  }
}

/** One draw for all rows of a call, so that they come back in one call. */
export function sharedRandom(): () => number {
  const drawn = Math.random();
  return () => drawn;
}
