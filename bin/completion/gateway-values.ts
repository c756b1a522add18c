import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { permissionContract } from '../../daemons/permission/contract.ts';
import { userContract } from '../../daemons/user/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { CommandContext } from '../cli/context.ts';
import { type CatalogueLevel, listCatalogue } from '../client/catalogue.ts';
import { connect } from '../client/gateway.ts';
import { listSources, nameOf } from '../client/meta-sources.ts';
import { connectToClient } from '../client/scope.ts';
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

/** Nobody chooses from more ids than this. */
const newest = { limit: 50 };

export async function leadIds(ctx: CommandContext): Promise<string[]> {
  const gateway = await connectToClient(ctx);
  const params = { client_id: gateway.clientId };
  const found = bodyOf(await gateway.of(leadContract).call('listLeads', { params, query: newest }));
  return found.data.map(({ id }) => id);
}

export async function deliveryIds(ctx: CommandContext): Promise<string[]> {
  const gateway = await connectToClient(ctx);
  const params = { client_id: gateway.clientId };
  const integrations = gateway.of(integrationContract);
  const found = bodyOf(await integrations.call('listDeliveries', { params, query: newest }));
  return found.data.map(({ id }) => id);
}

export async function cataloguePaths(
  ctx: CommandContext,
  level: CatalogueLevel,
): Promise<string[]> {
  const found = await listCatalogue(await connect(ctx), level);
  return found.map(({ path }) => path);
}

export async function sourceNames(ctx: CommandContext): Promise<string[]> {
  return (await listSources(await connectToClient(ctx))).map(nameOf);
}

export async function userEmails(ctx: CommandContext): Promise<string[]> {
  const users = (await connect(ctx)).of(userContract);
  const found = bodyOf(await users.call('listUsers', { query: page }));
  return found.data.map(({ email }) => email);
}

export async function tokenNames(ctx: CommandContext): Promise<string[]> {
  const permissions = (await connect(ctx)).of(permissionContract);
  const found = bodyOf(await permissions.call('listTokens', { query: page }));
  return found.data.filter((token) => token.revoked_at === null).map(({ name }) => name);
}
