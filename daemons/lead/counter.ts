import type { Metrics } from '../../lib/telemetry/metrics.ts';

/** Whoever sends names the source; these are told apart, so that nobody can make new series. */
const SOURCES = new Set([
  'website',
  'facebook',
  'instagram',
  'google',
  'import',
  'api',
  'landing',
  'manual',
]);

export type LeadResult = 'stored' | 'replayed' | 'duplicate' | 'refused' | 'failed';

/** Leads by where they came from and what became of them, whoever writes them. */
export type CountLead = (source: unknown, result: LeadResult) => void;

export function createLeadCounter(metrics: Metrics): CountLead {
  const counter = metrics.counter('leads_ingested_total', 'Leads by what became of them', [
    'source',
    'result',
  ]);
  return (source, result) => counter.inc({ source: known(source), result });
}

function known(source: unknown): string {
  return typeof source === 'string' && SOURCES.has(source) ? source : 'other';
}
