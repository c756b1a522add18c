import type { Clock } from '../lib/core/clock.ts';
import { createBoundedList } from './bounded.ts';
import type { Operation, Provider } from './faults/faults.ts';

/** One call that reached a provider's endpoint. */
export interface RecordedRequest {
  readonly id: number;
  readonly provider: Provider;
  readonly operation: Operation;
  /** The phone number, spreadsheet or node in the path. */
  readonly subject: string | undefined;
  readonly method: string;
  /** Without the query, which may hold a token. */
  readonly path: string;
  /** The token's first characters only. */
  readonly auth: string | undefined;
  /** The fault it met. */
  readonly fault: string | undefined;
  readonly at: string;
  /** Null while it is under way, and for ever when it was never answered. */
  status: number | null;
}

export interface RequestLog {
  open(request: Omit<RecordedRequest, 'id' | 'at' | 'status'>): {
    close(status: number | null): void;
  };
  all(): readonly RecordedRequest[];
  clear(): void;
}

export function createRequestLog(deps: {
  clock: Clock;
  keepEntries: number;
  changed: () => void;
}): RequestLog {
  const entries = createBoundedList<RecordedRequest>(deps.keepEntries);
  let lastId = 0;
  return {
    open(request) {
      lastId += 1;
      const entry: RecordedRequest = {
        ...request,
        id: lastId,
        at: deps.clock().toISOString(),
        status: null,
      };
      entries.add(entry);
      deps.changed();
      return {
        close(status) {
          entry.status = status;
          deps.changed();
        },
      };
    },
    all: () => entries.all(),
    clear: () => entries.clear(),
  };
}

/** Enough to tell two tokens apart, too little to use one. */
export function maskAuthorization(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  return token.length > 12 ? `${token.slice(0, 4)}…(${token.length})` : `…(${token.length})`;
}
