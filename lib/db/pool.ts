import { Pool } from 'pg';
import type { Logger } from '../telemetry/log.ts';
import { connectionOptions, type Connecting } from './connection.ts';

export interface PoolOptions extends Connecting {
  readonly max: number;
}

/** Bare node-postgres, for the statements whose speed matters; everything else goes through `Database`. */
export function createPool(options: PoolOptions, log: Logger): Pool {
  const pool = new Pool({ ...connectionOptions(options), max: options.max });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle connection was lost'));
  // One that is being closed while the server goes down has nobody else to tell, and would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
