import type { Route } from '../../lib/contract/route.ts';

export interface Operation {
  readonly service: string;
  /** `lead.listLeads`: its name in the OpenAPI document. */
  readonly name: string;
  readonly route: Route;
}

/** Every operation, those between our own daemons left out. */
export async function allOperations(): Promise<Operation[]> {
  const { CONTRACTS } = await import('../host/registry.ts');
  return CONTRACTS.flatMap(({ service, routes }) =>
    Object.entries(routes)
      .filter(([, route]) => route.access !== 'service')
      .map(([name, route]) => ({ service, name: `${service}.${name}`, route })),
  );
}
