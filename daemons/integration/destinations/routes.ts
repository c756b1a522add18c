import { by } from '../../../lib/audit/audit.ts';
import type { Handlers } from '../../../lib/contract/handler.ts';
import type { IntegrationContract } from '../contract.ts';
import type { DestinationService } from './service.ts';

type Name =
  | 'listDestinationKinds'
  | 'listDestinations'
  | 'createDestination'
  | 'getDestination'
  | 'changeDestination'
  | 'removeDestination'
  | 'testDestination'
  | 'releaseDestination'
  | 'backfillDestination';

export function destinationRoutes(
  destinations: DestinationService,
): Pick<Handlers<IntegrationContract>, Name> {
  return {
    async listDestinationKinds() {
      return [...destinations.kinds()];
    },

    listDestinations: ({ params, query }) => destinations.list(params.client_id, query),

    createDestination: ({ params, query, body, actor, call }) =>
      destinations.create(by(actor, call), params.client_id, body, query),

    getDestination: ({ params }) => destinations.get(params.client_id, params.destination_id),

    async changeDestination({ params, query, body, actor, call }) {
      const { client_id, destination_id: id } = params;
      return destinations.change(by(actor, call), client_id, id, body, query);
    },

    async removeDestination({ params, actor, call }) {
      const { client_id, destination_id: id } = params;
      return destinations.remove(by(actor, call), client_id, id);
    },

    async testDestination({ params, call }) {
      const { client_id, destination_id: id } = params;
      return destinations.test(client_id, id, call.signal);
    },

    async releaseDestination({ params, actor, call }) {
      const { client_id, destination_id: id } = params;
      return destinations.release(by(actor, call), client_id, id);
    },

    async backfillDestination({ params, body, actor, call }) {
      const { client_id, destination_id: id } = params;
      return destinations.backfill(by(actor, call), client_id, id, body);
    },
  };
}
