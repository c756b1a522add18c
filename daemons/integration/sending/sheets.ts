import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../lib/core/clock.ts';
import { parseServiceAccount } from '../../../lib/providers/google-sheets/account.ts';
import { rowsThatFit } from '../../../lib/providers/google-sheets/cells.ts';
import type { SheetsClient } from '../../../lib/providers/google-sheets/client.ts';
import { refusesRows } from '../../../lib/providers/google-sheets/errors.ts';
import {
  because,
  hold,
  type CallReport,
  type ProviderFailure,
  type ProviderResult,
} from '../../../lib/providers/outcome.ts';
import { refuse } from './account.ts';
import { fieldsOf } from './fields.ts';
import type { AttemptResult, ClaimedDelivery } from './model.ts';
import { LATER_MS, persistently } from './persistently.ts';
import { createBuckets, createTokenBucket, type TokenBucket } from './rate.ts';
import { renderEach } from './render.ts';
import type { LaneRun } from './run.ts';
import { alone, delivered, failed } from './settle.ts';
import {
  createFirstTabs,
  NO_CALL,
  ensureHeader,
  firstRowOf,
  leadIdIndex,
  rowFor,
  type FirstTabs,
  type SheetTarget,
} from './sheet-table.ts';
import type { Hold } from './transitions/hold-lane.ts';

const MOST_ROWS = 500;
/** Google allows a service account 60 writes in a minute: 5 + 60 × 0.9. */
const WRITE_RATE = { capacity: 5, perSecond: 0.9 };

interface Batch {
  readonly run: LaneRun;
  readonly target: SheetTarget;
  readonly columns: readonly string[];
  readonly deliveries: readonly ClaimedDelivery[];
  /** Of the settings that the calls are made with. */
  readonly version: number | null;
}

/** Works a spreadsheet's lane: one writer, as many rows in a call as wait. */
export function createSheetsWork(deps: { client: SheetsClient; clock: Clock }) {
  const provider = { client: deps.client, firstTabs: createFirstTabs(deps) };
  const writes = createBuckets(() => createTokenBucket({ ...WRITE_RATE, clock: deps.clock }));

  return async (run: LaneRun): Promise<void> => {
    const bucket = writes(run.lane.client_id);
    while (!run.isOver()) {
      // Waiting comes before claiming: what arrives meanwhile goes along in the same call.
      await takeOne(bucket, run);
      const claimed = await run.claim(MOST_ROWS);
      if (claimed.length === 0) {
        bucket.give(1);
        return;
      }
      const groups = Map.groupBy(claimed, ({ settings }) => JSON.stringify(settings.google_sheets));
      const errors: unknown[] = [];
      for (const deliveries of groups.values()) {
        // What is wrong with one group does not keep the others from being sent.
        await sendGroup(provider, bucket, run, deliveries).catch((error: unknown) =>
          errors.push(error),
        );
      }
      if (errors.length > 0) throw errors[0];
    }
  };
}

async function takeOne(bucket: TokenBucket, run: LaneRun): Promise<void> {
  while (bucket.take(1) === 0 && !run.isOver()) {
    await sleep(bucket.waitMs(), undefined, { signal: run.over }).catch(() => undefined);
  }
}

/** A provider's client with what is remembered between its calls. */
interface Provider {
  readonly client: SheetsClient;
  readonly firstTabs: FirstTabs;
}

async function sendGroup(
  provider: Provider,
  bucket: TokenBucket,
  run: LaneRun,
  claimed: readonly ClaimedDelivery[],
): Promise<void> {
  const { client } = provider;
  const gone = claimed.filter(({ lead }) => lead.is_erased || lead.status === 'spam');
  await run.fail(gone, because({ kind: 'permanent' }, LEAD_GONE), null, { version: null });
  const deliveries = claimed.filter((delivery) => !gone.includes(delivery));
  const [first] = deliveries;
  if (first === undefined) return;
  const { account, version } = await accountOf(run).catch(async (error: unknown) => {
    // Left as they are they would pass for sent when their lease ends.
    await persistently(() => run.putBack(deliveries, LATER_MS));
    throw error;
  });
  const { sheet_id: spreadsheetId, columns } = first.settings.google_sheets;
  if ('code' in account || spreadsheetId === null) {
    const why =
      'code' in account ? account : refuse('google_sheets', 'has no google_sheet_id').hold;
    return run.fail(deliveries, because(hold('lane', ''), why), null, {
      version,
      isDoubtful: wasDoubtful,
    });
  }
  const failure = { version, isDoubtful: wasDoubtful, random: sharedRandom() };
  const spreadsheet = { account, spreadsheetId, signal: run.calls };
  const table = await openTable(provider, spreadsheet, first);
  if (table.kind !== 'ok') return run.fail(deliveries, table, table.call, failure);
  const { header, target } = table.value;
  const batch: Batch = { run, target, columns, deliveries, version };
  const missing = await withoutThoseThere(client, batch, header);
  await append(client, bucket, { ...batch, deliveries: missing }, header);
}

interface Table {
  readonly target: SheetTarget;
  readonly header: readonly string[];
}

/** The sheet that the settings name, or the first one, with its header. */
async function openTable(
  { client, firstTabs }: Provider,
  spreadsheet: Omit<SheetTarget, 'sheetName'>,
  { settings }: ClaimedDelivery,
): Promise<ProviderResult<Table>> {
  const { sheet_name: named, columns } = settings.google_sheets;
  const open = async (sheetName: string): Promise<ProviderResult<Table>> => {
    const target = { ...spreadsheet, sheetName };
    const read = await ensureHeader(client, target, columns);
    return read.kind === 'ok' ? { ...read, value: { target, header: read.value } } : read;
  };
  if (named !== null) return open(named);
  const tab = await firstTabs.titleOf(spreadsheet);
  if (tab.kind !== 'ok') return tab;
  const opened = await open(tab.value);
  if (opened.kind !== 'hold' || tab.call !== NO_CALL) return opened;
  // Somebody may have renamed it since.
  firstTabs.forget(spreadsheet.spreadsheetId);
  const again = await firstTabs.titleOf(spreadsheet);
  return again.kind === 'ok' ? open(again.value) : again;
}

/** Looks for doubtful ones first; the rest is still to be appended. */
async function withoutThoseThere(
  client: SheetsClient,
  { run, target, columns, deliveries, version }: Batch,
  header: readonly string[],
): Promise<readonly ClaimedDelivery[]> {
  const doubtful = deliveries.filter(wasDoubtful);
  if (doubtful.length === 0) return deliveries;
  const column = await client.readColumn({ ...target, columnIndex: leadIdIndex(header, columns) });
  if (column.kind !== 'ok') {
    await run.fail(doubtful, column, column.call, {
      version,
      isStillDoubtful: true,
      random: sharedRandom(),
    });
    return deliveries.filter((delivery) => !wasDoubtful(delivery));
  }
  const rowOf = new Map(column.value.map((id, index) => [id, index + 2]));
  const there = doubtful.filter(({ lead }) => rowOf.has(lead.id));
  await run.finish(
    there.map((delivery) => {
      const reference = `${target.sheetName}!${rowOf.get(delivery.lead.id) ?? ''}`;
      return delivered(delivery, column.call, { reference, providerStatus: 'found' });
    }),
  );
  return deliveries.filter((delivery) => !there.includes(delivery));
}

async function append(
  client: SheetsClient,
  bucket: TokenBucket,
  { run, target, columns, deliveries, version }: Batch,
  header: readonly string[],
): Promise<void> {
  const rendered = renderEach(deliveries, (one) => rowFor(header, columns, fieldsOf(one)));
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

async function accountOf(run: LaneRun) {
  const credentials = await run.credentials();
  const { version } = credentials;
  if (!credentials.ok) return { version, account: credentials.hold };
  const parsed = parseServiceAccount(credentials.secret);
  if (parsed.ok) return { version, account: parsed.account };
  const why = { code: 'not_configured', message: parsed.message, recheckAfterMs: null };
  return { version, account: why satisfies Hold };
}

const wasDoubtful = (delivery: ClaimedDelivery): boolean => delivery.is_doubtful;

const LEAD_GONE = {
  code: 'lead_gone',
  message: 'The lead was erased or marked as spam before it was sent.',
};

/** One draw for all rows of a call, so that they come back in one call. */
function sharedRandom(): () => number {
  const drawn = Math.random();
  return () => drawn;
}
