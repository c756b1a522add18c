import { systemClock } from '../../../lib/core/clock.ts';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import type { ReconcileReport } from '../contract.ts';
import { createReconciler, type ReconcileOptions } from '../reconcile/reconciler.ts';
import type { GraphLead } from './fake-graph.ts';
import { startProcessingKit, type ProcessingKit } from './processing.ts';

export interface TestSource {
  readonly clientId: ClientId;
  readonly id: string;
  readonly page: string;
}

export interface ReconcilingKit extends ProcessingKit {
  /** A client's source: a form, or a whole page; made when the leads begin unless told. */
  aSource(form?: string, madeAt?: Date): Promise<TestSource>;
  /** Leads of a form, a minute apart from `START_MS` on. */
  leadsAt(formId: string, count: number): GraphLead[];
  /** Reconciles as the worker does; throws when there is no report. */
  reconcile(
    source: Pick<TestSource, 'clientId' | 'id'>,
    options?: Partial<ReconcileOptions>,
  ): Promise<ReconcileReport>;
  /** References of a client's leads, sorted. */
  referencesOf(clientId: string): Promise<unknown[]>;
  cursorOf(source: Pick<TestSource, 'id'>): Promise<unknown>;
}

export const MINUTE_MS = 60_000;
export const START_MS = Date.now() - 10 * 24 * 60 * MINUTE_MS;

export async function startReconcilingKit(): Promise<ReconcilingKit> {
  const kit = await startProcessingKit();
  const reconciler = createReconciler({ ...kit.reading, clock: systemClock });
  return {
    ...kit,
    async aSource(form, madeAt = new Date(START_MS)) {
      const [id, page] = [newId(), newId()];
      const source = { id, page, ...(form === undefined ? {} : { form }) };
      const clientId = await kit.aMetaClient({ sources: [source] });
      await kit.rows('UPDATE meta_sources SET created_at = $2 WHERE id = $1', [id, madeAt]);
      return { clientId, id, page };
    },
    leadsAt: (formId, count) =>
      Array.from({ length: count }, (_none, index) =>
        kit.aLead({ form_id: formId, createdMs: START_MS + index * MINUTE_MS }),
      ),
    async reconcile({ clientId, id }, options = {}) {
      const report = await reconciler.reconcile(clientId, id, { budgetMs: 20_000, ...options });
      if ('detail' in report) throw new Error(report.detail);
      return report;
    },
    referencesOf: async (clientId) =>
      (await kit.leadsOf(clientId)).map((row) => row['lead_reference_id']),
    async cursorOf({ id }) {
      const [row] = await kit.rows('SELECT reconciled_until FROM meta_sources WHERE id = $1', [id]);
      return row?.['reconciled_until'];
    },
  };
}
