import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { MicroBatcher } from '../../../lib/db/micro-batch.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import { sha256, sha256Hex } from '../../../lib/secrets/tokens.ts';
import type { KnownKey } from '../api-keys/known-key.ts';
import { withoutProduct, type LeadDraft } from '../writing/draft.ts';
import type { DuplicateResolver } from './duplicates.ts';
import type { SentLead } from './form.ts';
import { readForm } from './read-form.ts';
import { present, type IngestResult } from './result.ts';
import type { Inserted } from './store.ts';

export interface IngestService {
  /** Stores one lead; resolves only after the commit. */
  ingest(
    key: KnownKey,
    input: SentLead & {
      readonly idempotencyKey: string | undefined;
      /** Of the trace that it is part of, where one is recorded. */
      readonly traceparent?: string | undefined;
    },
  ): Promise<IngestResult | Failure>;
}

export interface IngestDeps {
  readonly batcher: MicroBatcher<LeadDraft, Inserted>;
  readonly duplicates: DuplicateResolver;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly isProductEnabled: (clientId: string, productId: string) => Promise<boolean>;
}

export function createIngestService(deps: IngestDeps): IngestService {
  return {
    async ingest(key, { fields, sent, idempotencyKey, traceparent }) {
      const read = readForm(fields, sent, {
        client_id: key.clientId,
        api_key_id: key.id,
        defaultCountry: key.defaultCountry,
        created_at: deps.clock(),
        traceparent: traceparent ?? null,
        // A digest: callers put e-mail addresses into their keys.
        idempotency_key: idempotencyKey === undefined ? null : sha256Hex(idempotencyKey),
        // Tells one body from another under the same key.
        fingerprint: idempotencyKey === undefined ? null : sha256(sent.text),
      });
      if (isFailure(read)) return read;
      const lead = await checkProduct(deps, read);
      const outcome = await deps.batcher.submit(lead);
      if (outcome.kind === 'overloaded') {
        return fail(
          'upstream_unavailable',
          'Too many leads wait to be stored; send this one again.',
          {
            retryAfterSeconds: 1,
          },
        );
      }
      if (outcome.result === 'duplicate') return deps.duplicates.resolve(lead);
      deps.announcer.announce('leadctl_events');
      return { kind: 'stored', lead: present(lead) };
    },
  };
}

async function checkProduct(deps: IngestDeps, lead: LeadDraft): Promise<LeadDraft> {
  if (lead.product_id === null) return lead;
  const isEnabled = await deps.isProductEnabled(lead.client_id, lead.product_id);
  return isEnabled ? lead : withoutProduct(lead);
}
