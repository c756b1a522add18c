import { ERRORS, isFailure, type Failure, type FieldError } from '../../../lib/core/errors.ts';
import type { KnownKey } from '../api-keys/directory.ts';
import { withoutKey } from './form.ts';
import type { Accepted } from './shapes.ts';
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
  onError: (error: unknown) => void,
): Promise<BatchResult[]> {
  return Promise.all(
    items.map(async (item, index): Promise<BatchResult> => {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) {
        return refused(index, 'validation_failed', 'A lead must be an object.', []);
      }
      const itemKey = idempotencyKey === undefined ? undefined : `${idempotencyKey}#${index}`;
      try {
        return await ingestItem(ingest, key, { item, index, idempotencyKey: itemKey });
      } catch (error) {
        // The others may be stored: each gets an answer of its own, whatever became of this one.
        onError(error);
        return refused(
          index,
          'upstream_unavailable',
          'This lead could not be stored; send it again.',
          [],
        );
      }
    }),
  );
}

async function ingestItem(
  ingest: IngestService,
  key: KnownKey,
  {
    item,
    index,
    idempotencyKey,
  }: { item: object; index: number; idempotencyKey: string | undefined },
): Promise<BatchResult> {
  const fields = withoutKey(Object.fromEntries(Object.entries(item)));
  const result = await ingest.ingest(key, { fields, text: JSON.stringify(fields), idempotencyKey });
  if (isFailure(result)) {
    return refused(index, result.code, result.detail, result.extra.errors ?? []);
  }
  return result.kind === 'duplicate'
    ? { index, status: 200, lead: { ...result.lead, duplicate: true } }
    : { index, status: 201, lead: result.lead };
}

function refused(
  index: number,
  code: Failure['code'],
  detail: string,
  errors: readonly FieldError[],
): BatchResult {
  return { index, status: ERRORS[code].status, code, detail, errors: [...errors] };
}
