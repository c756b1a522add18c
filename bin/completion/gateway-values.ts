import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { CommandContext } from '../cli/context.ts';
import { connect } from '../client/gateway.ts';
import { requireClient } from '../config/settings.ts';

/** One page has to do. */
const page = { limit: 200 };

export async function clientIds(ctx: CommandContext): Promise<string[]> {
  const clients = (await connect(ctx)).of(clientContract);
  const found = bodyOf(await clients.call('listClients', { query: page }));
  return found.data.map(({ client_id }) => client_id);
}

export async function keyNames(ctx: CommandContext): Promise<string[]> {
  const gateway = await connect(ctx);
  const client_id = requireClient(gateway.settings);
  const found = bodyOf(
    await gateway.of(leadContract).call('listApiKeys', { params: { client_id }, query: page }),
  );
  return found.data.filter((key) => key.revoked_at === null).map(({ name }) => name);
}

export async function memberEmails(ctx: CommandContext): Promise<string[]> {
  const gateway = await connect(ctx);
  const params = { client_id: requireClient(gateway.settings) };
  const users = gateway.of(userContract);
  const found = bodyOf(await users.call('listMembers', { params, query: page }));
  return found.data.map(({ email }) => email);
}

export async function roleNames(ctx: CommandContext): Promise<string[]> {
  const permissions = (await connect(ctx)).of(permissionContract);
  const found = bodyOf(await permissions.call('listRoles', { query: page }));
  return found.data.map(({ name }) => name);
}

export async function destinationNames(ctx: CommandContext): Promise<string[]> {
  const gateway = await connect(ctx);
  const params = { client_id: requireClient(gateway.settings) };
  const integrations = gateway.of(integrationContract);
  const found = bodyOf(await integrations.call('listDestinations', { params, query: page }));
  return found.data.map(({ name }) => name);
}
