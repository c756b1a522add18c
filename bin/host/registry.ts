import { authContract } from '../../daemons/auth/contract.ts';
import { clientContract } from '../../daemons/client/contract.ts';
import { gatewayContract } from '../../daemons/gateway/contract.ts';
import { hierarchyContract } from '../../daemons/hierarchy/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { productContract } from '../../daemons/product/contract.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { webhookContract } from '../../daemons/webhook/contract.ts';
import { workerContract } from '../../daemons/worker/contract.ts';
import type { Contract } from '../../lib/contract/route.ts';

/** Every contract of the platform; the busiest first, since the gateway's router looks in this order. */
export const CONTRACTS: readonly Contract[] = [
  leadContract,
  webhookContract,
  authContract,
  integrationContract,
  userContract,
  hierarchyContract,
  clientContract,
  productContract,
  permissionContract,
  gatewayContract,
  workerContract,
];
