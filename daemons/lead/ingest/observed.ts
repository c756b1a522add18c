import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Metrics } from '../../../lib/telemetry/metrics.ts';
import { isRecorded, type Tracing } from '../../../lib/telemetry/tracing.ts';
import type { IngestResult } from './result.ts';
import type { IngestService } from './service.ts';

/** Forms name their own sources; these are told apart, so that no form can make new series. */
const SOURCES = new Set(['website', 'facebook', 'instagram', 'google', 'import', 'api', 'landing']);

/** Counts what becomes of leads, and traces how long storing takes, up to the commit. */
export function observeIngest(
  ingest: IngestService,
  deps: { readonly metrics: Metrics; readonly tracing?: Tracing | undefined },
): IngestService {
  const counter = deps.metrics.counter('leads_ingested_total', 'Leads by what became of them', [
    'source',
    'result',
  ]);
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
        counter.inc({ source: sourceOf(input.fields['source']), result: kind });
        span?.end({
          attributes: { 'leadctl.result': kind },
          ...(kind === 'failed' ? { error: kind } : {}),
        });
      }
    },
  };
}

function resultOf(result: IngestResult | Failure | undefined): string {
  if (result === undefined) return 'failed';
  return isFailure(result) ? 'refused' : result.kind;
}

function sourceOf(source: unknown): string {
  if (source === undefined) return 'website';
  return typeof source === 'string' && SOURCES.has(source) ? source : 'other';
}
