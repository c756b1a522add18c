import type { Handlers } from '../../lib/contract/handler.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { HierarchyContract } from './contract.ts';
import type { HierarchyService } from './service.ts';

export interface HierarchyRouteDeps {
  readonly hierarchy: HierarchyService;
}

export function hierarchyRoutes({ hierarchy }: HierarchyRouteDeps): Handlers<HierarchyContract> {
  return {
    async tree({ params, query, actor }) {
      const tree = await hierarchy.tree(actor, params.client_id, query.depth);
      return isFailure(tree) ? tree : { status: 200, body: tree };
    },

    async descendants({ params, query, actor }) {
      const { client_id, user_client_id } = params;
      const page = await hierarchy.descendants(actor, client_id, user_client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async ancestors({ params, query, actor }) {
      const { client_id, user_client_id } = params;
      const page = await hierarchy.ancestors(actor, client_id, user_client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async check({ body, actor }) {
      const answer = await hierarchy.check(actor, body);
      return isFailure(answer) ? answer : { status: 200, body: answer };
    },
  };
}
