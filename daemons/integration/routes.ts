import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import { reply, type Handlers } from '../../lib/contract/handler.ts';
import type { IntegrationContract } from './contract.ts';
import type { DeliveryService } from './deliveries/service.ts';
import { destinationRoutes } from './destinations/routes.ts';
import type { DestinationService } from './destinations/service.ts';
import type { IntegrationService } from './switchboard/service.ts';
import type { MetaSourceService } from './sources/service.ts';
import type { SuppressionService } from './suppressions/service.ts';

export interface IntegrationRouteDeps {
  readonly integrations: IntegrationService;
  readonly destinations: DestinationService;
  readonly sources: MetaSourceService;
  readonly deliveries: DeliveryService;
  readonly suppressions: SuppressionService;
}

export function integrationRoutes(deps: IntegrationRouteDeps): Handlers<IntegrationContract> {
  const { integrations, sources, deliveries, suppressions } = deps;
  return {
    getIntegrations: ({ params }) => integrations.get(params.client_id),

    async putIntegrations({ params, query, body, actor, call }) {
      const { client_id } = params;
      return integrations.change(by(actor, call), client_id, 'replace', body, query);
    },

    async patchIntegrations({ params, query, body, actor, call }) {
      const { client_id } = params;
      return integrations.change(by(actor, call), client_id, 'merge', body, query);
    },

    async testIntegration({ params, call }) {
      const { client_id, integration } = params;
      return integrations.test(client_id, integration, call.signal);
    },

    ...destinationRoutes(deps.destinations),

    listMetaSources: ({ params, query }) => sources.list(params.client_id, query),

    async addMetaSource({ params, body, actor, call }) {
      const added = await sources.add(by(actor, call), params.client_id, body);
      if (isFailure(added)) return added;
      return reply(added.isNew ? 201 : 200, added.source);
    },

    removeMetaSource: ({ params, body, actor, call }) =>
      sources.remove(by(actor, call), params.client_id, body),

    async removeMetaSourceById({ params, actor, call }) {
      const which = { id: params.source_id };
      return sources.remove(by(actor, call), params.client_id, which);
    },

    listSuppressions: ({ params, query }) => suppressions.list(params.client_id, query),

    async addSuppression({ params, body, actor, call }) {
      const added = await suppressions.add(by(actor, call), params.client_id, body);
      if (isFailure(added)) return added;
      return reply(added.isNew ? 201 : 200, added.suppression);
    },

    liftSuppression: ({ params, body, actor, call }) =>
      suppressions.lift(by(actor, call), params.client_id, body),

    async liftSuppressionById({ params, actor, call }) {
      const which = { id: params.suppression_id };
      return suppressions.lift(by(actor, call), params.client_id, which);
    },

    listDeliveries: ({ params, query, actor, call }) =>
      deliveries.list(by(actor, call), params.client_id, query),

    async summariseDeliveries({ params, query, actor }) {
      return deliveries.summarise(actor, params.client_id, query);
    },

    async getDelivery({ params, actor, call }) {
      const { client_id, delivery_id } = params;
      return deliveries.get(by(actor, call), client_id, delivery_id);
    },

    async retryDelivery({ params, actor, call }) {
      const { client_id, delivery_id } = params;
      return deliveries.retry(by(actor, call), client_id, delivery_id);
    },

    replayDeliveries: ({ params, body, actor, call }) =>
      deliveries.replay(by(actor, call), params.client_id, body),
  };
}
