import type { CommandContext } from '../cli/context.ts';
import { requireClient } from '../config/settings.ts';
import { connect, type Gateway } from './gateway.ts';

export interface ClientGateway extends Gateway {
  /** The client that this run works on. */
  readonly clientId: string;
}

/** As `connect`, for what belongs to a client; a usage error when none is named. */
export async function connectToClient(ctx: CommandContext): Promise<ClientGateway> {
  const gateway = await connect(ctx);
  return { ...gateway, clientId: requireClient(gateway.settings) };
}
