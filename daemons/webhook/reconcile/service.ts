import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { ReconcileReport, ReconcileRequest } from '../contract.ts';
import type { Reconciler } from './reconciler.ts';

export interface ReconcileService {
  reconcile(
    actor: Actor,
    target: { client_id: ClientId; source_id: string },
    request: ReconcileRequest,
    signal: AbortSignal,
  ): Promise<ReconcileReport | Failure>;
}

/** Under the gateway's 20 s, with room for a last call to Meta that times out after 10. */
const BUDGET_MS = 8_000;

export function createReconcileService(deps: { reconciler: Reconciler }): ReconcileService {
  return {
    reconcile(actor, target, request, signal) {
      const { client_id: clientId, source_id: sourceId } = target;
      return deps.reconciler.reconcile(clientId, sourceId, {
        since: request.since === undefined ? undefined : new Date(request.since),
        continuation: request.continuation,
        budgetMs: BUDGET_MS,
        signal,
        onStart: (unit) =>
          audit(unit, actor, {
            action: 'meta_source.reconcile',
            targetKind: 'meta_source',
            targetId: sourceId,
            detail: { since: request.since ?? null, continued: request.continuation !== undefined },
          }),
      });
    },
  };
}
