import { ERRORS, isFailure, type Failure, type FieldError } from '../../../lib/core/errors.ts';
import type { KnownKey } from '../api-keys/directory.ts';
import type { Accepted } from './result.ts';
import type { IngestService } from './service.ts';

export type BatchResult =
  | { index: number; status: 201; lead: Accepted }
  | { index: number; status: 200; lead: Accepted & { duplicate: true } }
  | { index: number; status: number; code: string; detail: string; errors?: FieldError[] };

/** Each item on its own merits; with an idempotency key, each under `key#index`. */
export function ingestBatch(
  ingest: IngestService,
  key: KnownKey,
  items: readonly unknown[],
  idempotencyKey: string | undefined,
): Promise<BatchResult[]> {
  return Promise.all(
    items.map(async (item, index): Promise<BatchResult> => {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) {
        return refused(index, 'validation_failed', 'A lead must be an object.', []);
      }
      const result = await ingest.ingest(key, {
        fields: Object.fromEntries(Object.entries(item)),
        text: JSON.stringify(item),
        idempotencyKey: idempotencyKey === undefined ? undefined : `${idempotencyKey}#${index}`,
      });
      if (isFailure(result)) {
        return refused(index, result.code, result.detail, result.extra.errors ?? []);
      }
      return result.kind === 'duplicate'
        ? { index, status: 200, lead: { ...result.lead, duplicate: true } }
        : { index, status: 201, lead: result.lead };
    }),
  );
}

function refused(
  index: number,
  code: Failure['code'],
  detail: string,
  errors: readonly FieldError[],
): BatchResult {
  return { index, status: ERRORS[code].status, code, detail, errors: [...errors] };
}
