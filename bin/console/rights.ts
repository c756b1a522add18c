import { authContract } from '../../daemons/auth/contract.ts';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { reachOf } from '../../lib/contract/route.ts';
import { bodyOf } from '../cli/api-error.ts';
import { allOperations } from '../client/contracts.ts';
import type { Gateway } from '../client/gateway.ts';
import type { ConsoleEnv } from './env.ts';

const AT_A_TIME = 6;

/** What the caller may do in a client, or without one: each operation is asked about once. */
export async function rightsIn(
  gateway: Gateway,
  client: string | undefined,
): Promise<ConsoleEnv['may']> {
  const me = bodyOf(await gateway.of(authContract).call('me', {}));
  if (me.is_admin) return () => true;
  const operations = (await allOperations()).map(({ route }) => route);
  const held = new Set(
    operations
      .filter(({ access }) => access !== 'grant')
      .map(({ method, path }) => `${method} ${path}`),
  );
  const asked = operations.filter(
    (route) => route.access === 'grant' && (client !== undefined || reachOf(route) === 'platform'),
  );
  for (let from = 0; from < asked.length; from += AT_A_TIME) {
    await Promise.all(
      asked.slice(from, from + AT_A_TIME).map(async ({ method, path }) => {
        const body = { user_id: me.id, method, path, ...(client ? { client_id: client } : {}) };
        const verdict = await gateway.of(permissionContract).call('checkAccess', { body });
        if (verdict.ok && verdict.body.allowed) held.add(`${method} ${path}`);
      }),
    );
  }
  return (method, path) => held.has(`${method} ${path}`);
}
