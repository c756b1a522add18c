import type { ServiceName } from '../contract/route.ts';

/**
 * The logins of one service. A service has one password, which opens all of its logins: they keep
 * its statements apart from one another, not its process.
 */
interface ServiceLogins {
  /** Sees the rows of the transaction's client alone, unless its service is for all clients. */
  readonly main: string;
  /** For `allClients` scopes: sees every client's rows, of few tables. */
  readonly everyClient?: string;
  /** For statements with rights of their own. */
  readonly other?: string;
}

/** What each may read and write: `migrations/initial/rights.ts`. */
export const SERVICE_LOGINS = {
  gateway: { main: 'leadctl_gateway' },
  auth: { main: 'leadctl_auth' },
  client: { main: 'leadctl_client', everyClient: 'leadctl_client_platform' },
  user: { main: 'leadctl_user', everyClient: 'leadctl_user_platform' },
  lead: { main: 'leadctl_lead', other: 'leadctl_ingest' },
  product: { main: 'leadctl_product' },
  integration: { main: 'leadctl_integration' },
  webhook: { main: 'leadctl_webhook', everyClient: 'leadctl_webhook_platform' },
  permission: { main: 'leadctl_permission', everyClient: 'leadctl_permission_platform' },
  hierarchy: { main: 'leadctl_hierarchy', everyClient: 'leadctl_hierarchy_platform' },
  worker: { main: 'leadctl_worker', everyClient: 'leadctl_worker' },
  sandbox: { main: 'leadctl_sandbox' },
} as const satisfies Record<ServiceName, ServiceLogins>;

type Names<T> = T extends Record<string, infer Name> ? Name : never;

/** A login of PostgreSQL. None owns a table, is a member of another, or bypasses row-level security. */
export type DbRole = Names<(typeof SERVICE_LOGINS)[ServiceName]>;

export function loginsOf(service: ServiceName): readonly DbRole[] {
  return [...new Set<DbRole>(Object.values(SERVICE_LOGINS[service]))];
}

/** The login for a service's `allClients` scopes, by its main one; a service without has no such work. */
export const EVERY_CLIENT_LOGIN: ReadonlyMap<DbRole, DbRole> = new Map<DbRole, DbRole>(
  Object.values(SERVICE_LOGINS).flatMap((logins) =>
    'everyClient' in logins ? [[logins.main, logins.everyClient]] : [],
  ),
);

export const ALL_LOGINS: readonly DbRole[] = Object.values(SERVICE_LOGINS).flatMap((logins) => [
  ...new Set<DbRole>(Object.values(logins)),
]);

/** Those to whom row-level security shows every client's rows; to all others one client's. */
export const SEE_EVERY_CLIENT: readonly DbRole[] = [
  'leadctl_gateway',
  'leadctl_client_platform',
  'leadctl_hierarchy_platform',
  'leadctl_ingest',
  'leadctl_permission_platform',
  'leadctl_user_platform',
  'leadctl_webhook_platform',
  'leadctl_worker',
];

export const SEE_ONE_CLIENT: readonly DbRole[] = ALL_LOGINS.filter(
  (login) => !SEE_EVERY_CLIENT.includes(login),
);
