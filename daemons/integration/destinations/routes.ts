import { by } from '../../../lib/audit/audit.ts';
import type { Handlers } from '../../../lib/contract/handler.ts';
import { isFailure } from '../../../lib/core/errors.ts';
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
      return { status: 200, body: [...destinations.kinds()] };
    },

    async listDestinations({ params, query }) {
      const page = await destinations.list(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async createDestination({ params, query, body, actor, call }) {
      const made = await destinations.create(by(actor, call), params.client_id, body, query);
      return isFailure(made) ? made : { status: 201, body: made };
    },

    async getDestination({ params }) {
      const found = await destinations.get(params.client_id, params.destination_id);
      return isFailure(found) ? found : { status: 200, body: found };
    },

    async changeDestination({ params, query, body, actor, call }) {
      const { client_id, destination_id: id } = params;
      const changed = await destinations.change(by(actor, call), client_id, id, body, query);
      return isFailure(changed) ? changed : { status: 200, body: changed };
    },

    async removeDestination({ params, actor, call }) {
      const { client_id, destination_id: id } = params;
      const failure = await destinations.remove(by(actor, call), client_id, id);
      return failure ?? { status: 204 };
    },

    async testDestination({ params, call }) {
      const { client_id, destination_id: id } = params;
      const report = await destinations.test(client_id, id, call.signal);
      return isFailure(report) ? report : { status: 200, body: report };
    },

    async releaseDestination({ params, actor, call }) {
      const { client_id, destination_id: id } = params;
      const released = await destinations.release(by(actor, call), client_id, id);
      return isFailure(released) ? released : { status: 200, body: released };
    },

    async backfillDestination({ params, body, actor, call }) {
      const { client_id, destination_id: id } = params;
      const done = await destinations.backfill(by(actor, call), client_id, id, body);
      return isFailure(done) ? done : { status: 200, body: done };
    },
  };
}
