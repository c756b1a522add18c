import type { SentItem } from '../../../lib/contract/handler.ts';
import {
  ERRORS,
  fail,
  isFailure,
  type Failure,
  type FieldError,
} from '../../../lib/core/errors.ts';
import type { KnownKey } from '../api-keys/known-key.ts';
import { withoutKey, type SentLead } from './form.ts';
import type { IngestResult } from './result.ts';
import type { Accepted } from './shapes.ts';
import type { IngestService } from './service.ts';

export type BatchResult = { index: number } & (
  | { status: 201; lead: Accepted; idempotency_replayed?: true }
  | { status: 200; lead: Accepted & { duplicate: true }; idempotency_replayed?: true }
  | { status: number; code: string; detail: string; errors?: FieldError[] }
);

export interface BatchDeps {
  readonly ingest: IngestService;
  readonly onRefused: (failure: Failure) => void;
  readonly traceparent?: string | undefined;
  readonly onError: (error: unknown) => void;
}

/** Each item on its own merits; with an idempotency key, each under `key#index`. */
export function ingestBatch(
  deps: BatchDeps,
  key: KnownKey,
  items: readonly SentItem[],
  idempotencyKey: string | undefined,
): Promise<BatchResult[]> {
  return Promise.all(
    items.map(async (item, index): Promise<BatchResult> => {
      const itemKey = idempotencyKey === undefined ? undefined : `${idempotencyKey}#${index}`;
      const result = await ingestItem(deps, key, item, itemKey);
      if (!isFailure(result)) return { index, ...answer(result) };
      deps.onRefused(result);
      const { code, detail, extra } = result;
      return {
        index,
        status: ERRORS[code].status,
        code,
        detail,
        errors: [...(extra.errors ?? [])],
      };
    }),
  );
}

async function ingestItem(
  { ingest, onError, traceparent }: BatchDeps,
  key: KnownKey,
  item: SentItem,
  idempotencyKey: string | undefined,
): Promise<IngestResult | Failure> {
  const lead = readLead(item);
  if (isFailure(lead)) return lead;
  try {
    return await ingest.ingest(key, { ...lead, idempotencyKey, traceparent });
  } catch (error) {
    // The others may be stored: each gets an answer of its own, whatever became of this one.
    onError(error);
    return fail('upstream_unavailable', 'This lead could not be stored; send it again.');
  }
}

function readLead(item: SentItem): SentLead | Failure {
  if ('failure' in item) return item.failure;
  const { value, sent } = item;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail('validation_failed', 'A lead must be an object.');
  }
  return withoutKey(Object.fromEntries(Object.entries(value)), sent);
}

function answer(result: IngestResult) {
  const { lead } = result;
  switch (result.kind) {
    case 'stored':
      return { status: 201, lead } as const;
    case 'replayed':
      return { status: 201, lead, ...REPLAYED } as const;
    case 'duplicate':
      return {
        status: 200,
        lead: { ...lead, duplicate: true },
        ...(result.isReplay ? REPLAYED : {}),
      } as const;
  }
}

const REPLAYED = { idempotency_replayed: true } as const;
