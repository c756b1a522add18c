import type { Clock } from '../../../lib/core/clock.ts';
import { parseServiceAccount } from '../../../lib/providers/google-sheets/account.ts';
import type { SheetsClient } from '../../../lib/providers/google-sheets/client.ts';
import { because, hold, type ProviderResult } from '../../../lib/providers/outcome.ts';
import { refuse } from './account.ts';
import type { ClaimedDelivery } from './model.ts';
import { LATER_MS, persistently } from './persistently.ts';
import { createBuckets, createTokenBucket, type TokenBucket } from './rate.ts';
import type { LaneRun } from './run.ts';
import { delivered } from './settle.ts';
import { append, MOST_ROWS, sharedRandom, takeOne, type Batch } from './sheet-append.ts';
import {
  createFirstTabs,
  ensureHeader,
  leadIdIndex,
  NO_CALL,
  type FirstTabs,
  type SheetTarget,
} from './sheet-table.ts';
import type { Hold } from './transitions/hold-lane.ts';

/** Google allows a service account 60 writes in a minute: 5 + 60 × 0.9. */
const WRITE_RATE = { capacity: 5, perSecond: 0.9 };

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
