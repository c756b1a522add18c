import type { Call } from '../../../lib/contract/handler.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId } from '../../../lib/core/ids.ts';
import type { MicroBatcher } from '../../../lib/db/micro-batch.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';
import type { KeyDirectory, KnownKey } from '../api-keys/directory.ts';
import type { KeyLimiter } from '../api-keys/limiter.ts';
import type { Strangers } from '../api-keys/strangers.ts';
import type { UsageRecorder } from '../api-keys/usage.ts';
import type { OnRefused } from '../refusals/hook.ts';
import { PRODUCT_NOT_OFFERED } from '../writing/contact.ts';
import type { DuplicateResolver } from './duplicates.ts';
import { fingerprintOf, normalise, type NormalisedLead } from './normalise.ts';
import { present, type IngestResult } from './result.ts';
import type { IncomingLead, Inserted } from './store.ts';

export interface IngestService {
  /** The key and whether it may ingest from this origin. */
  authorise(given: {
    apiKey: string | undefined;
    origin: string | undefined;
    leads: number;
    call: Pick<Call, 'ip' | 'answerWith'>;
  }): Promise<KnownKey | Failure>;
  /** Stores one lead; resolves only after the commit. `text` is the JSON of everything sent. */
  ingest(
    key: KnownKey,
    input: {
      fields: Readonly<Record<string, unknown>>;
      text: string;
      idempotencyKey: string | undefined;
    },
  ): Promise<IngestResult | Failure>;
}

export interface IngestDeps {
  readonly keys: KeyDirectory;
  readonly limiter: KeyLimiter;
  readonly strangers: Strangers;
  readonly usage: UsageRecorder;
  readonly batcher: MicroBatcher<IncomingLead, Inserted>;
  readonly duplicates: DuplicateResolver;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly isProductEnabled: (clientId: string, productId: string) => Promise<boolean>;
  readonly onRefused: OnRefused;
}

export function createIngestService(deps: IngestDeps): IngestService {
  return {
    async authorise({ apiKey, origin, leads, call }) {
      const refused = (key: KnownKey | null, failure: Failure): Failure => {
        const [clientId, keyId] = key === null ? [null, null] : [key.clientId, key.id];
        const { ip } = call;
        deps.onRefused({ clientId, keyId, origin: origin ?? null, ip, reason: failure.code });
        return failure;
      };
      const key = await deps.keys.find(apiKey);
      if (isFailure(key)) {
        const isGuess = key.code === 'invalid_api_key';
        return refused(null, (isGuess && deps.strangers.blame(call)) || key);
      }
      const refusal = refuseUse(key, origin) ?? deps.limiter.refuse(key, leads, call);
      if (refusal) return refused(key, refusal);
      deps.usage.record(key.id);
      return key;
    },

    async ingest(key, { fields, text, idempotencyKey }) {
      const normalised = normalise(fields, text, key);
      if (isFailure(normalised)) return normalised;
      const checked = await checkProduct(deps, key, normalised);
      const lead = toIncoming(checked, key, {
        // A digest: callers put e-mail addresses into their keys.
        idempotencyKey: idempotencyKey === undefined ? null : sha256Hex(idempotencyKey),
        fingerprint: idempotencyKey === undefined ? null : fingerprintOf(text),
        createdAt: deps.clock(),
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

function refuseUse(key: KnownKey, origin: string | undefined): Failure | undefined {
  if (!key.scopes.includes('leads:ingest')) {
    return fail('scope_missing', 'The API key lacks the scope leads:ingest.');
  }
  return origin === undefined || mayUse(key, origin)
    ? undefined
    : fail(
        'origin_not_allowed',
        `${origin} is not among the key's allowed origins; add it to the key to post from there.`,
      );
}

/** A key without allowed origins is for servers; those send no Origin, and a plain form may. */
function mayUse(key: KnownKey, origin: string): boolean {
  return key.allowedOrigins.length === 0 || key.allowedOrigins.includes(origin);
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
  rest: Pick<IncomingLead, 'idempotencyKey' | 'fingerprint' | 'createdAt'>,
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
