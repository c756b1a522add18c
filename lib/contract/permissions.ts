import { reachOf, type Contract, type Method, type Reach, type ServiceName } from './route.ts';

export interface DeclaredPermission {
  readonly method: Method;
  readonly path: string;
  readonly description: string;
  readonly reach: Reach;
  readonly service: ServiceName;
}

/** What a daemon registers at start: every route that a role can be granted. */
export function permissionsOf(contract: Contract): DeclaredPermission[] {
  return Object.values(contract.routes)
    .filter((route) => route.access === 'grant')
    .map((route) => ({
      method: route.method,
      path: route.path,
      description: route.summary,
      reach: reachOf(route),
      service: contract.service,
    }));
}
