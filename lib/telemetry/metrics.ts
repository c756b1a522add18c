import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** All of them as text; what has to be looked up first is looked up. */
  collect(): Promise<string>;
  /** Runs each time that somebody collects; must not reject. */
  beforeCollecting(look: () => Promise<void>): void;
  observeRequest(method: string, route: string, status: number, durationMs: number): void;
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    bucketsSeconds: readonly number[],
  ): Histogram<L>;
}

const REQUEST_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

/** A registry per daemon: in one process or ten, each answers for itself. */
export function createMetrics(options: { service: string; processMetrics: boolean }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS_SECONDS,
    registers: [registry],
  });
  const registers = [registry];
  const looks: (() => Promise<void>)[] = [];
  return {
    registry,
    async collect() {
      await Promise.all(looks.map((look) => look()));
      return registry.metrics();
    },
    beforeCollecting: (look) => void looks.push(look),
    observeRequest(method, route, status, durationMs) {
      requests.observe({ method, route, status }, durationMs / 1000);
    },
    counter: (name, help, labelNames) => new Counter({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames) => new Gauge({ name, help, labelNames, registers }),
    histogram: (name, help, labelNames, buckets) =>
      new Histogram({ name, help, labelNames, buckets: [...buckets], registers }),
  };
}
