import type { Pool } from 'pg';
import type { Contract } from '../contract/route.ts';
import type { Clock } from '../core/clock.ts';
import { stopAll } from '../core/lifecycle.ts';
import type { Daemon, DaemonDeps } from '../daemon/daemon.ts';
import { startTestDaemon, type TestDaemon } from './daemon.ts';
import { createTestDatabase } from './database.ts';
import { openAsOwner } from './factories.ts';

export interface TestBench<C extends Contract> {
  readonly daemon: TestDaemon<C>;
  /** The database's owner. */
  readonly db: Pool;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** A daemon on a database of its own, and a way to look behind it. Stop it in `afterAll`. */
export async function openTestBench<C extends Contract>(options: {
  contract: C;
  create: (
    deps: DaemonDeps,
    settings: { DATABASE_URL: string; DATABASE_POOL_MAX: number },
  ) => Daemon;
  clock?: Clock;
}): Promise<TestBench<C>> {
  const { create, ...rest } = options;
  const database = await createTestDatabase();
  const settings = { DATABASE_URL: database.url, DATABASE_POOL_MAX: 4 };
  const daemon = await startTestDaemon({
    ...rest,
    database,
    create: (deps) => create(deps, settings),
  });
  const db = openAsOwner(database);
  return {
    daemon,
    db,
    databaseUrl: database.url,
    stop: () => stopAll([{ stop: () => database.drop() }, { stop: () => db.end() }, daemon]),
  };
}
