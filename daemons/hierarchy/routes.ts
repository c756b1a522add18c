import type { Handlers } from '../../lib/contract/handler.ts';
import type { HierarchyContract } from './contract.ts';
import type { HierarchyService } from './service.ts';

export interface HierarchyRouteDeps {
  readonly hierarchy: HierarchyService;
}

export function hierarchyRoutes({ hierarchy }: HierarchyRouteDeps): Handlers<HierarchyContract> {
  return {
    tree: ({ params, query, actor }) => hierarchy.tree(actor, params.client_id, query.depth),

    async descendants({ params, query, actor }) {
      const { client_id, user_client_id } = params;
      return hierarchy.descendants(actor, client_id, user_client_id, query);
    },

    async ancestors({ params, query, actor }) {
      const { client_id, user_client_id } = params;
      return hierarchy.ancestors(actor, client_id, user_client_id, query);
    },

    check: ({ body, actor }) => hierarchy.check(actor, body),
  };
}
