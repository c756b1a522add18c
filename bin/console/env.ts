import type { ClientGateway } from '../client/scope.ts';
import type { Gateway } from '../client/gateway.ts';

/** What a view of the console works with. */
export interface ConsoleEnv {
  readonly gateway: Gateway;
  /** The client that is looked at; none before one was chosen. */
  readonly client: string | undefined;
  readonly now: () => Date;
  /** Personal data as it is. */
  readonly reveal: boolean;
  /** Whether the caller may; what they may not is not offered. */
  readonly may: (method: string, path: string) => boolean;
  readonly signal: AbortSignal;
}

/** The client that a view of a client is about, and the gateway to ask about it. */
export function inClient({ gateway, client = '' }: ConsoleEnv): {
  readonly gateway: ClientGateway;
  readonly clientId: string;
} {
  // The console opens such a view only where a client was chosen.
  return { gateway: { ...gateway, clientId: client }, clientId: client };
}
