import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import {
  callHeader,
  reply,
  type Admission,
  type Call,
  type Handler,
  type Head,
  type Input,
  type StagedHandler,
} from '../../../lib/contract/handler.ts';
import type { KnownKey } from '../api-keys/known-key.ts';
import type { KeyGate } from '../api-keys/gate.ts';
import type { KeyLimiter } from '../api-keys/limiter.ts';
import type { LeadContract } from '../contract.ts';
import { ingestBatch } from './batch.ts';
import { apiKeyField, formRedirect, withoutKey } from './form.ts';
import type { OnRefused } from '../refusals/hook.ts';
import type { IngestResult } from './result.ts';
import type { IngestService } from './service.ts';

type Ingest = LeadContract['routes']['ingest'];
type Batch = LeadContract['routes']['ingestBatch'];

export interface IngestRouteDeps {
  readonly gate: KeyGate;
  readonly limiter: KeyLimiter;
  readonly ingest: IngestService;
  readonly onRefused: OnRefused;
  /** Told of what went wrong with one lead of a batch. */
  readonly onError: (error: unknown) => void;
}

/** A form without script sends its key in the body: so much of it is read from a stranger. */
const UNKEYED_BODY_BYTES = 256 * 1024;

/** What is known of who sends, for counting what is refused. */
interface Sender {
  readonly call: Call;
  readonly key: KnownKey | undefined;
}

export function ingestRoutes(deps: IngestRouteDeps): {
  ingest: StagedHandler<Ingest>;
  ingestBatch: StagedHandler<Batch>;
} {
  const report = ({ call, key }: Sender, failure: Failure): void =>
    deps.onRefused({
      clientId: key?.clientId ?? null,
      keyId: key?.id ?? null,
      origin: callHeader(call, 'origin') ?? null,
      ip: call.ip,
      reason: failure.code,
    });

  /** Judged by the header; the refusal is on record already. */
  const judge = async (call: Call, apiKey: string | undefined, points: number) => {
    const { key, refusal } = await deps.gate.judge(
      { apiKey, origin: callHeader(call, 'origin'), call },
      points,
    );
    if (refusal !== undefined) report({ call, key }, refusal);
    return refusal ?? key;
  };

  const keyed = (call: Call, key: KnownKey): Admission<Ingest> => ({
    handle: (input) => ingestOne(deps.ingest, key, input),
    onRefused: (failure) => report({ call, key }, failure),
  });

  const unkeyed = (call: Call): Admission<Ingest> => {
    const sender: { call: Call; key: KnownKey | undefined } = { call, key: undefined };
    let isReported = false;
    const handle: Handler<Ingest> = async (input) => {
      const key = await judge(call, apiKeyField(input.body), 1);
      isReported = isFailure(key);
      if (isFailure(key)) return key;
      sender.key = key;
      return ingestOne(deps.ingest, key, input);
    };
    const onRefused = (failure: Failure) => {
      if (!isReported) report(sender, failure);
    };
    return { maxBodyBytes: UNKEYED_BODY_BYTES, handle, onRefused };
  };

  return {
    ingest: {
      async before({ call }: Head<Ingest>) {
        const apiKey = callHeader(call, 'x-api-key');
        if (apiKey === undefined) return unkeyed(call);
        const key = await judge(call, apiKey, 1);
        return isFailure(key) ? key : keyed(call, key);
      },
    },
    ingestBatch: {
      async before({ call }: Head<Batch>) {
        const key = await judge(call, callHeader(call, 'x-api-key'), 0);
        if (isFailure(key)) return key;
        const onRefused = (failure: Failure) => report({ call, key }, failure);
        return { handle: (input) => ingestMany(deps, key, input, onRefused), onRefused };
      },
    },
  };
}

async function ingestOne(
  ingest: IngestService,
  key: KnownKey,
  { headers, body, sent, call }: Input<Ingest>,
) {
  const redirect = formRedirect(body, key, call);
  if (isFailure(redirect)) return redirect;
  const result = await ingest.ingest(key, {
    ...withoutKey(body, sent),
    idempotencyKey: headers['idempotency-key'],
    traceparent: call.traceparent,
  });
  if (isFailure(result)) return result;
  return redirect === undefined ? answer(result) : reply(303, undefined, { Location: redirect });
}

async function ingestMany(
  deps: IngestRouteDeps,
  key: KnownKey,
  { headers, body, call }: Input<Batch>,
  onRefused: (failure: Failure) => void,
) {
  const refusal = deps.limiter.refuse(key, body.length, call);
  if (refusal !== undefined) return refusal;
  const results = await ingestBatch(
    { ...deps, onRefused, traceparent: call.traceparent },
    key,
    body,
    headers['idempotency-key'],
  );
  return { results };
}

function answer(result: IngestResult) {
  switch (result.kind) {
    case 'stored':
      return reply(201, result.lead);
    case 'replayed':
      return reply(201, result.lead, REPLAYED);
    case 'duplicate':
      return reply(
        200,
        { ...result.lead, duplicate: true as const },
        result.isReplay ? REPLAYED : undefined,
      );
  }
}

const REPLAYED = { 'Idempotency-Replayed': 'true' };
