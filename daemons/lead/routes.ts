import { isFailure } from '../../lib/core/errors.ts';
import type { Call, Handlers } from '../../lib/contract/handler.ts';
import type { ApiKeyService } from './api-keys/service.ts';
import type { LeadContract } from './contract.ts';
import type { IngestService } from './ingest/service.ts';
import type { IngestResult } from './ingest/result.ts';
import { formRedirect } from './ingest/form.ts';
import { ingestBatch } from './ingest/batch.ts';
import type { LeadService } from './service.ts';
import type { LeadStream } from './stream.ts';

export interface LeadRouteDeps {
  readonly ingest: IngestService;
  readonly leads: LeadService;
  readonly apiKeys: ApiKeyService;
  readonly stream: LeadStream;
}

export function leadRoutes(deps: LeadRouteDeps): Handlers<LeadContract> {
  const { ingest, leads, apiKeys, stream } = deps;
  return {
    async ingest({ headers, body, bodyText, call }) {
      const form = readForm(body, headers['x-api-key']);
      const key = await ingest.authorise({ apiKey: form.apiKey, origin: headers.origin, leads: 1 });
      if (isFailure(key)) return key;
      const redirect = formRedirect(form.fields, key, call);
      if (isFailure(redirect)) return redirect;
      const result = await ingest.ingest(key, {
        fields: form.fields,
        text: form.apiKey === headers['x-api-key'] ? bodyText : JSON.stringify(form.fields),
        idempotencyKey: headers['idempotency-key'],
      });
      if (isFailure(result)) return result;
      return redirect === undefined
        ? answer(result)
        : { status: 303, headers: { Location: redirect } };
    },

    async ingestBatch({ headers, body }) {
      const key = await ingest.authorise({
        apiKey: headers['x-api-key'],
        origin: headers.origin,
        leads: body.leads.length,
      });
      if (isFailure(key)) return key;
      const results = await ingestBatch(ingest, key, body.leads, headers['idempotency-key']);
      return { status: 207, body: { results } };
    },

    async listLeads({ params, query, actor, call }) {
      const page = await leads.list(by(actor, call), params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async createLead({ params, body, actor, call }) {
      const lead = await leads.create(by(actor, call), params.client_id, body);
      return isFailure(lead) ? lead : { status: 201, body: lead };
    },

    async streamLeads({ params, headers, actor, call }) {
      const opened = await stream.open(actor, params.client_id, {
        lastEventId: headers['last-event-id'],
        signal: call.signal,
      });
      return isFailure(opened) ? opened : { status: 200, body: opened };
    },

    async summariseLeads({ params, query, actor }) {
      const summary = await leads.summarise(actor, params.client_id, query.minutes);
      return { status: 200, body: summary };
    },

    async getLead({ params, actor, call }) {
      const lead = await leads.get(by(actor, call), params.client_id, params.lead_id);
      return isFailure(lead) ? lead : { status: 200, body: lead };
    },

    async updateLead({ params, body, actor, call }) {
      const lead = await leads.update(by(actor, call), params.client_id, params.lead_id, body);
      return isFailure(lead) ? lead : { status: 200, body: lead };
    },

    async eraseLead({ params, actor, call }) {
      const failure = await leads.erase(by(actor, call), params.client_id, params.lead_id);
      return failure ?? { status: 204 };
    },

    async leadTimeline({ params, actor, call }) {
      const timeline = await leads.timeline(by(actor, call), params.client_id, params.lead_id);
      return isFailure(timeline) ? timeline : { status: 200, body: timeline };
    },

    async createApiKey({ params, body, actor, call }) {
      const key = await apiKeys.create(by(actor, call), params.client_id, body);
      return isFailure(key) ? key : { status: 201, body: key };
    },

    async listApiKeys({ params, query }) {
      const page = await apiKeys.list(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async updateApiKey({ params, body, actor, call }) {
      const key = await apiKeys.update(by(actor, call), params.client_id, params.key_id, body);
      return isFailure(key) ? key : { status: 200, body: key };
    },

    async revokeApiKey({ params, actor, call }) {
      const failure = await apiKeys.revoke(by(actor, call), params.client_id, params.key_id);
      return failure ?? { status: 204 };
    },

    async rotateApiKey({ params, body, actor, call }) {
      const { client_id, key_id } = params;
      const key = await apiKeys.rotate(by(actor, call), client_id, key_id, body.overlap_seconds);
      return isFailure(key) ? key : { status: 201, body: key };
    },
  };
}

const by = <I>(identity: I, call: Call) => ({ identity, call });

/** A form without script cannot set a header: its key may come as a field, which is not kept. */
function readForm(
  body: Readonly<Record<string, unknown>>,
  headerKey: string | undefined,
): { fields: Readonly<Record<string, unknown>>; apiKey: string | undefined } {
  const { _api_key: fieldKey, ...fields } = body;
  return headerKey === undefined && typeof fieldKey === 'string'
    ? { fields, apiKey: fieldKey }
    : { fields: body, apiKey: headerKey };
}

function answer(result: IngestResult) {
  switch (result.kind) {
    case 'stored':
      return { status: 201, body: result.lead } as const;
    case 'replayed':
      return { status: 201, body: result.lead, headers: REPLAYED } as const;
    case 'duplicate':
      return {
        status: 200,
        body: { ...result.lead, duplicate: true },
        ...(result.isReplay ? { headers: REPLAYED } : {}),
      } as const;
  }
}

const REPLAYED = { 'Idempotency-Replayed': 'true' };
