import type { ReconcileReport } from '../contract.ts';
import type { MetaReadingDeps } from '../processing/deps.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { allClients, clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import { findHold } from '../sources/holds.ts';
import { readPageToken } from '../sources/token.ts';
import { createGraphReader, isEnd, type End, type GraphReader } from './graph-reader.ts';
import { comparePage, type Findings } from './compare.ts';
import type { SourceKey } from './rounds.ts';
import { openScan, sealScan, startScan, wholeUntil, type Scan } from './scan.ts';
import { findSource, formsMappedApart, listSources, moveCursor, type Source } from './store.ts';

export interface ReconcileOptions {
  /** From when on, in the leads' own time. */
  readonly since?: Date | undefined;
  /** Of a report that ran out of time. */
  readonly continuation?: string | undefined;
  /** It ends by then with a continuation. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
  /** By a schedule, which leaves a held page alone; somebody who asks is given a try. */
  readonly isScheduled?: boolean | undefined;
  /** In the transaction that reads the source: where an audit entry goes. */
  readonly onStart?: (unit: ClientUnit) => Promise<void>;
}

export interface Reconciler {
  /**
   * Compares a source's leads at Meta with ours and with what was delivered, and stores the missing
   * ones. Safe to run at any time, twice, or in parallel. `not_found`, `client_suspended`, `conflict`
   * when the client's token is missing or, by a schedule, the page is held; what Meta refuses is in the
   * report.
   */
  reconcile(
    clientId: ClientId,
    sourceId: string,
    options: ReconcileOptions,
  ): Promise<ReconcileReport | Failure>;
  /** Sources of active clients by ascending id, for a schedule. */
  listSources(): Promise<SourceKey[]>;
}

export type ReconcilerDeps = MetaReadingDeps & { readonly clock: Clock };

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  return {
    async reconcile(clientId, sourceId, options) {
      const deadlineMs = performance.now() + options.budgetMs;
      const start = await begin(deps, clientId, sourceId, options);
      if (isFailure(start)) return start;
      const { source, scan, token } = start;
      const sinceMs = scan.sinceMs;
      const findings: Findings = { checked: 0, missing: 0, filled: 0, failed: [], undelivered: [] };
      const reader = createGraphReader(deps, { source, token, deadlineMs, signal: options.signal });
      const end = await readOn(deps, source, scan, findings, reader);
      const isWhole = scan.forms !== null && scan.forms.length === 0;
      const until = await deps.database.inTransaction(clientScope(clientId), (unit) =>
        moveCursor(unit, sourceId, isWhole ? wholeUntil(scan) : null),
      );
      return {
        source_id: source.id,
        page_id: source.page_id,
        form_id: source.form_id,
        since: new Date(sinceMs).toISOString(),
        ...findings,
        reconciled_until: until?.toISOString() ?? null,
        stopped: end === 'out_of_time' ? null : end,
        continuation: isWhole ? null : sealScan(deps.keyring, source, scan),
      };
    },
    listSources: () =>
      deps.database.inTransaction(allClients('the schedule is for every source'), listSources),
  };
}

/** Reads on from where the scan is; resolves to why it ended, null after the last lead. */
async function readOn(
  deps: ReconcilerDeps,
  source: Source,
  scan: Scan,
  findings: Findings,
  reader: GraphReader,
): Promise<End | null> {
  if (scan.forms === null) {
    const forms = await reader.listForms();
    if (isEnd(forms)) return forms;
    const apart = await deps.database.inTransaction(
      allClients('a form’s own mapping, whosever it is, beats its page’s'),
      (unit) => formsMappedApart(unit, source),
    );
    scan.forms = forms.filter((id) => !apart.has(id));
  }
  for (let [formId] = scan.forms; formId !== undefined; [formId] = scan.forms) {
    const page = await reader.listLeads(formId, new Date(scan.sinceMs), scan.cursor);
    if (isEnd(page)) return page;
    await comparePage(deps, source, formId, page.leads, scan, findings);
    scan.cursor = page.nextCursor;
    if (page.nextCursor === null) scan.forms.shift();
  }
  return null;
}

async function begin(
  deps: ReconcilerDeps,
  clientId: ClientId,
  sourceId: string,
  options: ReconcileOptions,
) {
  return deps.database.inTransaction(clientScope(clientId), async (unit) => {
    const source = await findSource(unit, sourceId);
    if (source === undefined) {
      return fail('not_found', `There is no Meta source ${sourceId} of this client.`);
    }
    if (!source.is_active) {
      return fail('client_suspended', 'The client is suspended or archived: activate it first.');
    }
    const token = await readPageToken(unit, deps.keyring);
    if (token.kind !== 'token') return fail('conflict', token.message);
    if (options.isScheduled === true) {
      const hold = await findHold(unit, source.page_id, token.mark);
      if (hold?.stands) return fail('conflict', hold.message);
    }
    const scan =
      options.continuation === undefined
        ? startScan(source, options.since, deps.clock().getTime())
        : openScan(deps.keyring, source, options.continuation);
    if (scan === undefined) {
      return fail('validation_failed', 'The continuation is not one of this source’s.', {
        errors: [{ path: 'body.continuation', message: 'unknown continuation' }],
      });
    }
    await options.onStart?.(unit);
    return { source, scan, token };
  });
}
