import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import type { ApiKeyService } from './api-keys/service.ts';
import type { LeadContract } from './contract.ts';
import { ingestRoutes, type IngestRouteDeps } from './ingest/routes.ts';
import { keyedReadRoutes, type KeyedReadRouteDeps } from './keyed-reads/routes.ts';
import type { RefusalService } from './refusals/service.ts';
import type { LeadService } from './service.ts';
import type { LeadStreams } from './stream/service.ts';

export interface LeadRouteDeps extends IngestRouteDeps, KeyedReadRouteDeps {
  readonly leads: LeadService;
  readonly apiKeys: ApiKeyService;
  readonly streams: LeadStreams;
  readonly refusals: RefusalService;
}

export function leadRoutes(deps: LeadRouteDeps): Handlers<LeadContract> {
  const { leads, apiKeys, streams, refusals } = deps;
  return {
    ...ingestRoutes(deps),
    ...keyedReadRoutes(deps),

    async listLeads({ params, query, actor, call }) {
      const page = await leads.list(by(actor, call), params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async createLead({ params, body, actor, call }) {
      const lead = await leads.create(by(actor, call), params.client_id, body);
      return isFailure(lead) ? lead : { status: 201, body: lead };
    },

    async streamLeads({ params, headers, actor, call }) {
      const opened = await streams.open(actor, params.client_id, {
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

    async listRefusals({ params, query }) {
      const page = await refusals.list(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
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
