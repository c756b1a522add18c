import { Pool, type PoolConfig } from 'pg';
import type { Logger } from '../telemetry/log.ts';
import { connectionOptions, type Connecting } from './connection.ts';
import { createConnections, type Connections } from './goodbye.ts';

export interface PoolOptions extends Connecting {
  readonly max: number;
}

/** Bare node-postgres, for the statements whose speed matters; everything else goes through `Database`. */
export function createPool(options: PoolOptions, log: Logger): Pool {
  const pool = new EndingPool({ ...connectionOptions(options), max: options.max });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle connection was lost'));
  // One that is being closed while the server goes down has nobody else to tell, and would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Ends soon even while statements wait for a server that vanished. */
class EndingPool extends Pool {
  readonly #connections: Connections;

  constructor(options: PoolConfig) {
    const connections = createConnections();
    super({ ...options, stream: connections.stream });
    this.#connections = connections;
  }

  override async end(callback?: () => void): Promise<void> {
    await this.#connections.end(super.end());
    callback?.();
  }
}
