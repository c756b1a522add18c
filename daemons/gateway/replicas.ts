import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';

/** Every address behind a name, in any order. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export interface ReplicaOptions {
  /** e.g. `http://lead:8004`. */
  readonly baseUrl: string;
  readonly createPool: (origin: string) => Dispatcher;
  readonly resolve?: Resolve;
  readonly refreshMs?: number;
}

export interface Replicas {
  /** The pool whose turn it is. Rejects when the name cannot be resolved and never could. */
  next(): Promise<Dispatcher>;
  stop(): Promise<void>;
}

const REFRESH_MS = 2_000;
/** One that refuses connections is left out for so long, while there are others. */
const REST_MS = 2_000;

const byDns: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/**
 * A service's replicas, each with a pool of its own, in turn: a pool by name would keep its
 * connections to whichever address it met first. The name is looked up again as time passes, in the
 * background, so that replicas come and go without a restart of the gateway.
 */
export function createReplicas(options: ReplicaOptions): Replicas {
  const { hostname, protocol, port, origin } = new URL(options.baseUrl);
  const bare = hostname.replace(/^\[|\]$/g, '');
  const pools = new Map<string, { pool: Dispatcher; restsUntilMs: number }>();
  const add = (key: string, at: string): void => {
    const pool = options.createPool(at);
    const entry = { pool, restsUntilMs: 0 };
    pool.on('connectionError', () => (entry.restsUntilMs = Date.now() + REST_MS));
    pool.on('connect', () => (entry.restsUntilMs = 0));
    pools.set(key, entry);
  };
  const isFixed = isIP(bare) !== 0 || bare === 'localhost';
  if (isFixed) add(bare, origin);

  let resolvedAtMs = 0;
  let resolving: Promise<void> | undefined;
  const refresh = async (): Promise<void> => {
    const addresses = new Set(await (options.resolve ?? byDns)(bare));
    resolvedAtMs = Date.now();
    for (const address of addresses) {
      const host = isIP(address) === 6 ? `[${address}]` : address;
      if (!pools.has(address)) add(address, `${protocol}//${host}:${port || '80'}`);
    }
    for (const [address, { pool }] of pools) {
      if (addresses.has(address)) continue;
      pools.delete(address);
      // What is under way there ends by itself.
      void pool.close().catch(() => undefined);
    }
  };
  const refreshOnce = () => (resolving ??= refresh().finally(() => (resolving = undefined)));

  let turn = 0;
  const choose = (): Dispatcher | undefined => {
    const all = [...pools.values()];
    const now = Date.now();
    const awake = all.filter(({ restsUntilMs }) => restsUntilMs <= now);
    const among = awake.length > 0 ? awake : all;
    turn = (turn + 1) % Math.max(among.length, 1);
    return among[turn]?.pool;
  };
  return {
    async next() {
      if (isFixed) return pools.get(bare)?.pool ?? Promise.reject(new Error('stopped'));
      if (pools.size === 0) await refreshOnce();
      else if (Date.now() - resolvedAtMs > (options.refreshMs ?? REFRESH_MS)) {
        // The old addresses do meanwhile, and as long as nobody can be asked.
        void refreshOnce().catch(() => undefined);
      }
      return choose() ?? Promise.reject(new Error(`${bare} has no address`));
    },
    async stop() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map(({ pool }) => pool.close()));
    },
  };
}
