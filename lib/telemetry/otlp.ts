import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Span, SpanStart, Tracing, TracingHost } from './tracing.ts';

export interface OtlpOptions {
  /** e.g. `http://collector:4318`, without `/v1/traces`. */
  readonly endpoint: string;
  /** `name=value,…`, e.g. an authorization. */
  readonly headers: string | undefined;
  /** Of traces that are recorded, 0 to 1; by their ids, so that all services decide alike. */
  readonly ratio: number;
  readonly version: string;
}

const EXPORT_TIMEOUT_MS = 5_000;
const SEND_EVERY_MS = 2_000;
/** A collector that is away costs so much memory and no more; what is past it is dropped. */
const MOST_WAITING = 4_096;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const;

/** Sends spans to an OTLP/HTTP collector in the background. Nothing global: the services hold what they trace by. */
export function otlpTracing(options: OtlpOptions): TracingHost {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: headersOf(options.headers),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    maxQueueSize: MOST_WAITING,
  });
  return {
    of: (service) => tracingOf(service, options, processor),
    stop: () => processor.shutdown(),
  };
}

function tracingOf(service: string, options: OtlpOptions, processor: BatchSpanProcessor): Tracing {
  const tracer = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': `leadctl-${service}`,
      'service.version': options.version,
    }),
    // What callers say of it counts for nothing: strangers would decide what is recorded.
    sampler: new TraceIdRatioBasedSampler(options.ratio),
    spanProcessors: [processor],
  }).getTracer('leadctl', options.version);
  return {
    start(name, start = {}): Span {
      const { kind = 'internal', atMs, attributes } = start;
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          ...(atMs === undefined ? {} : { startTime: atMs }),
          ...(attributes === undefined ? {} : { attributes }),
        },
        contextOf(start.parent),
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        end(end = {}) {
          if (end.name !== undefined) span.updateName(end.name);
          if (end.attributes !== undefined) span.setAttributes(end.attributes);
          if (end.error !== undefined) {
            span.setStatus({ code: SpanStatusCode.ERROR, message: end.error });
          }
          span.end(end.atMs);
        },
      };
    },
  };
}

function contextOf(parent: SpanStart['parent']) {
  const [, traceId, spanId] = /^\w{2}-(\w{32})-(\w{16})-\w{2}$/.exec(parent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

function headersOf(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').map((pair) => pair.split('=', 2));
  return Object.fromEntries(
    pairs.flatMap(([name = '', value = '']) =>
      name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.trim())]],
    ),
  );
}
