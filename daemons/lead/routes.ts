import { by } from '../../lib/audit/audit.ts';
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

    listLeads: ({ params, query, actor, call }) =>
      leads.list(by(actor, call), params.client_id, query),

    createLead: ({ params, body, actor, call }) =>
      leads.create(by(actor, call), params.client_id, body),

    streamLeads: ({ params, headers, actor, call }) =>
      streams.open(actor, params.client_id, {
        lastEventId: headers['last-event-id'],
        signal: call.signal,
      }),

    async summariseLeads({ params, query, actor }) {
      return leads.summarise(actor, params.client_id, query.minutes);
    },

    getLead: ({ params, actor, call }) =>
      leads.get(by(actor, call), params.client_id, params.lead_id),

    updateLead: ({ params, body, actor, call }) =>
      leads.update(by(actor, call), params.client_id, params.lead_id, body),

    eraseLead: ({ params, actor, call }) =>
      leads.erase(by(actor, call), params.client_id, params.lead_id),

    leadTimeline: ({ params, actor, call }) =>
      leads.timeline(by(actor, call), params.client_id, params.lead_id),

    listRefusals: ({ params, query }) => refusals.list(params.client_id, query),

    createApiKey: ({ params, body, actor, call }) =>
      apiKeys.create(by(actor, call), params.client_id, body),

    listApiKeys: ({ params, query }) => apiKeys.list(params.client_id, query),

    updateApiKey: ({ params, body, actor, call }) =>
      apiKeys.update(by(actor, call), params.client_id, params.key_id, body),

    revokeApiKey: ({ params, actor, call }) =>
      apiKeys.revoke(by(actor, call), params.client_id, params.key_id),

    async rotateApiKey({ params, body, actor, call }) {
      const { client_id, key_id } = params;
      return apiKeys.rotate(by(actor, call), client_id, key_id, body.overlap_seconds);
    },
  };
}
