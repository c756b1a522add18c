import type { Metrics } from '../../../lib/telemetry/metrics.ts';
import type { AttemptResult } from './model.ts';

export interface DeliveryMetrics {
  finished(integration: string, status: string, lagMs: number): void;
  held(integration: string): void;
  /** How long providers took, whatever they said. */
  called(
    integration: string,
    results: readonly Pick<AttemptResult, 'outcome' | 'duration_ms'>[],
  ): void;
}

const CALL_BUCKETS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LAG_BUCKETS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600, 3_600];

export function createDeliveryMetrics(metrics: Metrics): DeliveryMetrics {
  const finished = metrics.counter('delivery_attempts_total', 'Attempts by what became of them', [
    'integration',
    'status',
  ]);
  const held = metrics.counter('lanes_held_total', 'Times that a lane was held', ['integration']);
  const lag = metrics.histogram(
    'delivery_lag_seconds',
    'From the delivery’s creation to its success',
    ['integration'],
    LAG_BUCKETS_SECONDS,
  );
  const call = metrics.histogram(
    'provider_call_seconds',
    'How long a provider took to answer an attempt',
    ['integration', 'outcome'],
    CALL_BUCKETS_SECONDS,
  );
  return {
    called(integration, results) {
      for (const { outcome, duration_ms: ms } of results) {
        if (ms !== null) call.observe({ integration, outcome }, ms / 1000);
      }
    },
    finished(integration, status, lagMs) {
      finished.inc({ integration, status });
      if (status === 'delivered') lag.observe({ integration }, lagMs / 1000);
    },
    held: (integration) => held.inc({ integration }),
  };
}
