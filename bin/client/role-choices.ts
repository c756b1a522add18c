import { permissionContract } from '../../daemons/permission/contract.ts';
import type { CommandContext } from '../cli/context.ts';
import { connect } from './gateway.ts';

/** Names of the roles to choose from; none where they may not be listed, and the name is typed. */
export async function roleChoices(ctx: CommandContext): Promise<string[]> {
  const gateway = await connect(ctx);
  const found = await gateway.of(permissionContract).call('listRoles', { query: { limit: 200 } });
  return found.ok ? found.body.data.map(({ name }) => name) : [];
}
