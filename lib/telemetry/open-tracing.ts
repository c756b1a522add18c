import type { TracingHost } from './tracing.ts';

export interface TracingSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

/** Undefined unless a collector is configured: then nothing of OpenTelemetry is even loaded. */
export async function openTracing(
  settings: TracingSettings,
  version: string,
): Promise<TracingHost | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = settings;
  if (endpoint === undefined) return undefined;
  const { otlpTracing } = await import('./otlp.ts');
  return otlpTracing({ endpoint, headers, ratio: settings.OTEL_TRACES_SAMPLER_ARG, version });
}
