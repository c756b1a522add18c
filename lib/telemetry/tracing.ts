import type { Stoppable } from '../core/lifecycle.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly kind?: SpanKind;
  /** W3C traceparent of what this is a part of; without it a trace begins. */
  readonly parent?: string | undefined;
  /** Milliseconds since 1970, for what is told of afterwards; now otherwise. */
  readonly atMs?: number;
  readonly attributes?: SpanAttributes;
}

export interface SpanEnd {
  readonly name?: string;
  readonly atMs?: number;
  readonly attributes?: SpanAttributes;
  /** What went wrong, without personal data. */
  readonly error?: string | undefined;
}

/** Something under way; its traceparent is what its parts name as their parent. */
export interface Span {
  readonly traceparent: string;
  end(with_?: SpanEnd): void;
}

/** Of one service. Attributes never carry what a person could be known by. */
export interface Tracing {
  start(name: string, start?: SpanStart): Span;
}

/** Of one process. Stopping sends what waits. */
export interface TracingHost extends Stoppable {
  of(service: string): Tracing;
}

/** Only traces that are recorded are worth passing on through the database. */
export function isRecorded(traceparent: string): boolean {
  return traceparent.endsWith('-01');
}
