import type { Clock } from '../../../../lib/core/clock.ts';
import {
  parseServiceAccount,
  type ServiceAccount,
} from '../../../../lib/providers/google-sheets/account.ts';
import type { SheetsClient } from '../../../../lib/providers/google-sheets/client.ts';
import { because, hold, type ProviderResult } from '../../../../lib/providers/outcome.ts';
import type { ClaimedDelivery } from '../../sending/model.ts';
import { LATER_MS, persistently } from '../../sending/persistently.ts';
import { createBuckets, createTokenBucket, type TokenBucket } from '../../sending/rate.ts';
import type { LaneWork } from '../../sending/lane.ts';
import { LEAD_GONE } from '../../sending/plain.ts';
import { readySettings } from '../../sending/ready.ts';
import type { LaneRun } from '../../sending/run.ts';
import { delivered } from '../../sending/settle.ts';
import { append, MOST_ROWS, sharedRandom, takeOne, type Batch } from './append.ts';
import {
  createFirstTabs,
  ensureHeader,
  leadIdIndex,
  NO_CALL,
  type FirstTabs,
  type SheetTarget,
} from './table.ts';
import { columnsOf, sheetsSettings, type SheetsSettings } from './settings.ts';

/** Google allows a service account 60 writes in a minute: 5 + 60 × 0.9. */
const WRITE_RATE = { capacity: 5, perSecond: 0.9 };

/** Works a spreadsheet's lane: one writer, as many rows in a call as wait. */
export function createSheetsWork(deps: { client: SheetsClient; clock: Clock }): LaneWork {
  const provider = { client: deps.client, firstTabs: createFirstTabs(deps) };
  const writes = createBuckets(() => createTokenBucket({ ...WRITE_RATE, clock: deps.clock }));

  return async (run) => {
    const bucket = writes(run.lane.client_id);
    while (!run.isOver()) {
      // Waiting comes before claiming: what arrives meanwhile goes along in the same call.
      await takeOne(bucket, run);
      const claimed = await run.claim(MOST_ROWS);
      if (claimed.length === 0) {
        bucket.give(1);
        return;
      }
      const groups = Map.groupBy(claimed, ({ settings }) => JSON.stringify(settings));
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
  if (deliveries.length === 0) return;
  const ready = await open(run, deliveries).catch(async (error: unknown) => {
    // Left as they are they would pass for sent when their lease ends.
    await persistently(() => run.putBack(deliveries, LATER_MS));
    throw error;
  });
  if (ready === null) return;
  const { account, settings, version } = ready;
  const failure = { version, isDoubtful: wasDoubtful, random: sharedRandom() };
  const spreadsheet = { account, spreadsheetId: settings.spreadsheet_id, signal: run.calls };
  const table = await openTable(provider, spreadsheet, settings);
  if (table.kind !== 'ok') return run.fail(deliveries, table, table.call, failure);
  const { header, target } = table.value;
  const batch: Batch = { run, target, settings, deliveries, version };
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
  settings: SheetsSettings,
): Promise<ProviderResult<Table>> {
  const { sheet_name: named } = settings;
  const columns = columnsOf(settings);
  const openTab = async (sheetName: string): Promise<ProviderResult<Table>> => {
    const target = { ...spreadsheet, sheetName };
    const read = await ensureHeader(client, target, columns);
    return read.kind === 'ok' ? { ...read, value: { target, header: read.value } } : read;
  };
  if (named !== undefined) return openTab(named);
  const tab = await firstTabs.titleOf(spreadsheet);
  if (tab.kind !== 'ok') return tab;
  const opened = await openTab(tab.value);
  if (opened.kind !== 'hold' || tab.call !== NO_CALL) return opened;
  // Somebody may have renamed it since.
  firstTabs.forget(spreadsheet.spreadsheetId);
  const again = await firstTabs.titleOf(spreadsheet);
  return again.kind === 'ok' ? openTab(again.value) : again;
}

/** Looks for doubtful ones first; the rest is still to be appended. */
async function withoutThoseThere(
  client: SheetsClient,
  { run, target, settings, deliveries, version }: Batch,
  header: readonly string[],
): Promise<readonly ClaimedDelivery[]> {
  const doubtful = deliveries.filter(wasDoubtful);
  if (doubtful.length === 0) return deliveries;
  const column = await client.readColumn({
    ...target,
    columnIndex: leadIdIndex(header, columnsOf(settings)),
  });
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

/** What the rows are sent with; null when they cannot be, and their lane is held. */
async function open(
  run: LaneRun,
  deliveries: readonly ClaimedDelivery[],
): Promise<{ account: ServiceAccount; settings: SheetsSettings; version: number | null } | null> {
  const ready = await readySettings(run, sheetsSettings, deliveries, wasDoubtful);
  if (ready === null) return null;
  const { settings, secrets, version } = ready;
  const parsed = parseServiceAccount(secrets['service_account']?.[0] ?? '');
  if (parsed.ok) return { account: parsed.account, settings, version };
  const why = because(hold('lane', ''), { code: 'not_configured', message: parsed.message });
  await run.fail(deliveries, why, null, { version, isDoubtful: wasDoubtful });
  return null;
}

const wasDoubtful = (delivery: ClaimedDelivery): boolean => delivery.is_doubtful;
