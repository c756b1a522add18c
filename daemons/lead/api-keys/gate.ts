import type { Call } from '../../../lib/contract/handler.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { FoundKey, KeyDirectory } from './directory.ts';
import type { KnownKey } from './known-key.ts';
import type { KeyLimiter } from './limiter.ts';
import type { Strangers } from './strangers.ts';
import type { UsageRecorder } from './usage.ts';

/** What a request says of itself before its body. */
export interface Presented {
  readonly apiKey: string | undefined;
  readonly origin: string | undefined;
  readonly call: Pick<Call, 'ip' | 'answerWith' | 'noteClient'>;
}

export interface KeyGate {
  /** Judges the key, its client, its scope, the origin and the rate; counts `points`, with 0 none. */
  judge(given: Presented, points: number): Promise<FoundKey>;
}

/** One kind of door: ingestion, or reading. */
export function createKeyGate(deps: {
  readonly scope: KnownKey['scopes'][number];
  readonly keys: KeyDirectory;
  readonly limiter: KeyLimiter;
  readonly strangers: Strangers;
  readonly usage: UsageRecorder;
}): KeyGate {
  const { scope, keys, limiter, strangers, usage } = deps;
  return {
    async judge({ apiKey, origin, call }, points) {
      const found = await keys.find(apiKey);
      if (found.refusal?.code === 'invalid_api_key') {
        return { ...found, refusal: strangers.blame(call) ?? found.refusal };
      }
      if (found.refusal !== undefined) return found;
      const { key } = found;
      call.noteClient(key.clientId);
      const reason =
        refuseScope(key, scope) ?? refuseOrigin(key, origin) ?? limiter.refuse(key, points, call);
      if (reason !== undefined) return { key, refusal: reason };
      usage.record(key.id);
      return found;
    },
  };
}

function refuseScope(key: KnownKey, scope: KnownKey['scopes'][number]): Failure | undefined {
  return key.scopes.includes(scope)
    ? undefined
    : fail('scope_missing', `The API key lacks the scope ${scope}.`);
}

/** A key without allowed origins is for servers; those send no Origin, and a plain form may. */
function refuseOrigin(key: KnownKey, origin: string | undefined): Failure | undefined {
  if (origin === undefined || key.allowedOrigins.length === 0) return undefined;
  if (key.allowedOrigins.includes(origin)) return undefined;
  return fail(
    'origin_not_allowed',
    `${origin.slice(0, 200)} is not among the key's allowed origins; add it to the key to post from there.`,
  );
}
