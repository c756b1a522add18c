import type { ServiceName } from '../../lib/contract/route.ts';

/** Where each service listens, counted from the base: 8000 unless told otherwise. */
export const PORT_OFFSETS: Readonly<Record<ServiceName, number>> = {
  gateway: 0,
  auth: 1,
  client: 2,
  user: 3,
  lead: 4,
  product: 5,
  integration: 6,
  webhook: 7,
  permission: 8,
  hierarchy: 9,
  worker: 10,
  sandbox: 90,
};

export const DEFAULT_PORT_BASE = 8000;

type Env = Readonly<Record<string, string | undefined>>;

/** Where a service is to be called: `<SERVICE>_URL`, or this machine. */
export function serviceUrl(env: Env, service: ServiceName, portBase: number): string {
  return (
    env[`${service.toUpperCase()}_URL`] ?? `http://127.0.0.1:${portBase + PORT_OFFSETS[service]}`
  );
}
