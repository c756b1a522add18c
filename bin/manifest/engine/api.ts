import { setTimeout as sleep } from 'node:timers/promises';
import { clientContract } from '../../../daemons/client/contract.ts';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { permissionContract } from '../../../daemons/permission/contract.ts';
import { productContract } from '../../../daemons/product/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import { createClient, type Client, type Transport } from '../../../lib/contract/client.ts';
import type { Contract } from '../../../lib/contract/route.ts';
import type { Gateway } from '../../client/gateway.ts';

/** The parts of the platform that a manifest describes. */
export interface PlatformApi {
  readonly clients: Client<typeof clientContract>;
  readonly users: Client<typeof userContract>;
  readonly permissions: Client<typeof permissionContract>;
  readonly products: Client<typeof productContract>;
  readonly keys: Client<typeof leadContract>;
  readonly integrations: Client<typeof integrationContract>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const MOST_WAITS = 10;
const LONGEST_WAIT_S = 120;

/**
 * Thousands of requests in a row meet the gateway's limits: one that was turned away for them, and so
 * did nothing, is sent again when the gateway says it may be. `onWait` is told how long that takes.
 */
export function openPlatform(
  gateway: Pick<Gateway, 'open'>,
  signal: AbortSignal,
  onWait: (seconds: number) => void,
): PlatformApi {
  const transport: Transport = async (request) => {
    for (let waits = 0; ; waits += 1) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
      const response = await gateway.open({ ...request, signal: bounded });
      const seconds = Number(response.headers.get('retry-after') ?? '1');
      const isTurnedAway =
        response.status === 429 || (response.status === 503 && request.method === 'GET');
      if (!isTurnedAway || waits >= MOST_WAITS || !(seconds <= LONGEST_WAIT_S)) return response;
      await response.body?.cancel();
      onWait(seconds);
      await sleep(seconds * 1_000, undefined, { signal });
    }
  };
  const of = <C extends Contract>(contract: C): Client<C> => createClient(contract, transport);
  return {
    clients: of(clientContract),
    users: of(userContract),
    permissions: of(permissionContract),
    products: of(productContract),
    keys: of(leadContract),
    integrations: of(integrationContract),
  };
}
