import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
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
    async getIntegrations({ params }) {
      const found = await integrations.get(params.client_id);
      return isFailure(found) ? found : { status: 200, body: found };
    },

    async putIntegrations({ params, query, body, actor, call }) {
      const { client_id } = params;
      const changed = await integrations.change(by(actor, call), client_id, 'replace', body, query);
      return isFailure(changed) ? changed : { status: 200, body: changed };
    },

    async patchIntegrations({ params, query, body, actor, call }) {
      const { client_id } = params;
      const changed = await integrations.change(by(actor, call), client_id, 'merge', body, query);
      return isFailure(changed) ? changed : { status: 200, body: changed };
    },

    async testIntegration({ params, call }) {
      const { client_id, integration } = params;
      const report = await integrations.test(client_id, integration, call.signal);
      return isFailure(report) ? report : { status: 200, body: report };
    },

    ...destinationRoutes(deps.destinations),

    async listMetaSources({ params, query }) {
      const page = await sources.list(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async addMetaSource({ params, body, actor, call }) {
      const added = await sources.add(by(actor, call), params.client_id, body);
      if (isFailure(added)) return added;
      return { status: added.isNew ? 201 : 200, body: added.source };
    },

    async removeMetaSource({ params, body, actor, call }) {
      const failure = await sources.remove(by(actor, call), params.client_id, body);
      return failure ?? { status: 204 };
    },

    async removeMetaSourceById({ params, actor, call }) {
      const which = { id: params.source_id };
      const failure = await sources.remove(by(actor, call), params.client_id, which);
      return failure ?? { status: 204 };
    },

    async listSuppressions({ params, query }) {
      const page = await suppressions.list(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async addSuppression({ params, body, actor, call }) {
      const added = await suppressions.add(by(actor, call), params.client_id, body);
      if (isFailure(added)) return added;
      return { status: added.isNew ? 201 : 200, body: added.suppression };
    },

    async liftSuppression({ params, body, actor, call }) {
      const failure = await suppressions.lift(by(actor, call), params.client_id, body);
      return failure ?? { status: 204 };
    },

    async liftSuppressionById({ params, actor, call }) {
      const which = { id: params.suppression_id };
      const failure = await suppressions.lift(by(actor, call), params.client_id, which);
      return failure ?? { status: 204 };
    },

    async listDeliveries({ params, query, actor, call }) {
      const page = await deliveries.list(by(actor, call), params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async summariseDeliveries({ params, query, actor }) {
      const summary = await deliveries.summarise(actor, params.client_id, query);
      return { status: 200, body: summary };
    },

    async getDelivery({ params, actor, call }) {
      const { client_id, delivery_id } = params;
      const found = await deliveries.get(by(actor, call), client_id, delivery_id);
      return isFailure(found) ? found : { status: 200, body: found };
    },

    async retryDelivery({ params, actor, call }) {
      const { client_id, delivery_id } = params;
      const retried = await deliveries.retry(by(actor, call), client_id, delivery_id);
      return isFailure(retried) ? retried : { status: 200, body: retried };
    },

    async replayDeliveries({ params, body, actor, call }) {
      const replayed = await deliveries.replay(by(actor, call), params.client_id, body);
      return isFailure(replayed) ? replayed : { status: 200, body: replayed };
    },
  };
}
