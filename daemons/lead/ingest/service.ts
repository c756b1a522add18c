import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { MicroBatcher } from '../../../lib/db/micro-batch.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';
import type { KnownKey } from '../api-keys/directory.ts';
import { PRODUCT_NOT_OFFERED } from '../writing/contact.ts';
import type { DuplicateResolver } from './duplicates.ts';
import type { SentLead } from './form.ts';
import { fingerprintOf, normalise, type NormalisedLead } from './normalise.ts';
import { present, type IngestResult } from './result.ts';
import type { IncomingLead, Inserted } from './store.ts';

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
  readonly batcher: MicroBatcher<IncomingLead, Inserted>;
  readonly duplicates: DuplicateResolver;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly isProductEnabled: (clientId: string, productId: string) => Promise<boolean>;
}

export function createIngestService(deps: IngestDeps): IngestService {
  return {
    async ingest(key, { fields, sent, idempotencyKey, traceparent }) {
      const normalised = normalise(fields, sent, key);
      if (isFailure(normalised)) return normalised;
      const checked = await checkProduct(deps, key, normalised);
      const lead = toIncoming(checked, key, {
        // A digest: callers put e-mail addresses into their keys.
        idempotencyKey: idempotencyKey === undefined ? null : sha256Hex(idempotencyKey),
        fingerprint: idempotencyKey === undefined ? null : fingerprintOf(sent.text),
        createdAt: deps.clock(),
        traceparent: traceparent ?? null,
      });
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

async function checkProduct(
  deps: IngestDeps,
  key: KnownKey,
  lead: NormalisedLead,
): Promise<NormalisedLead> {
  if (lead.productId === null) return lead;
  if (await deps.isProductEnabled(key.clientId, lead.productId)) return lead;
  return {
    ...lead,
    productId: null,
    warnings: [...lead.warnings, PRODUCT_NOT_OFFERED],
  };
}

function toIncoming(
  lead: NormalisedLead,
  key: KnownKey,
  rest: Pick<IncomingLead, 'idempotencyKey' | 'fingerprint' | 'createdAt' | 'traceparent'>,
): IncomingLead {
  return {
    id: newId(),
    clientId: key.clientId,
    apiKeyId: key.id,
    name: lead.name,
    email: lead.email,
    phone: lead.phone,
    phoneValid: lead.phoneValid,
    source: lead.source,
    leadReferenceId: lead.leadReferenceId,
    productId: lead.productId,
    consent: lead.consent,
    status: lead.isSpam ? 'spam' : 'new',
    warnings: lead.warnings.length === 0 ? null : JSON.stringify(lead.warnings),
    rawPayload: lead.rawPayload,
    ...rest,
  };
}
