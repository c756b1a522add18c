import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import { isRecorded, type Tracing } from '../../../lib/telemetry/tracing.ts';
import type { CountLead, LeadResult } from '../counter.ts';
import type { IngestResult } from './result.ts';
import type { IngestService } from './service.ts';

/** Counts what becomes of leads, and traces how long storing takes, up to the commit. */
export function observeIngest(
  ingest: IngestService,
  deps: { readonly count: CountLead; readonly tracing?: Tracing | undefined },
): IngestService {
  return {
    async ingest(key, input) {
      const parent = input.traceparent;
      const span = deps.tracing?.start('lead.store', {
        parent,
        attributes: { 'leadctl.client': key.clientId },
      });
      const traceparent = span?.traceparent ?? parent;
      const kept = traceparent !== undefined && isRecorded(traceparent) ? traceparent : undefined;
      let result: IngestResult | Failure | undefined;
      try {
        result = await ingest.ingest(key, { ...input, traceparent: kept });
        return result;
      } finally {
        const kind = resultOf(result);
        deps.count(input.fields['source'] ?? 'website', kind);
        span?.end({
          attributes: { 'leadctl.result': kind },
          ...(kind === 'failed' ? { error: kind } : {}),
        });
      }
    },
  };
}

function resultOf(result: IngestResult | Failure | undefined): LeadResult {
  if (result === undefined) return 'failed';
  return isFailure(result) ? 'refused' : result.kind;
}
