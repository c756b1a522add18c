import type { Clock } from '../core/clock.ts';
import { isFailure, type Failure } from '../core/errors.ts';
import { idSchema } from '../core/ids.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import type { Database } from '../db/database.ts';
import type { NotificationHub } from '../db/notifications.ts';
import { globalScope } from '../db/scope.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Principal, RoleGrants } from './decide.ts';
import { loadPrincipal, loadRoles, loadSession } from './load.ts';
import { createShelf } from './shelf.ts';

export type RoleLookup = (roleId: string) => RoleGrants | undefined;

/** The access model as the gateway decides from it: in memory, and at most a second behind. */
export interface AccessCopy extends Stoppable {
  /** Undefined for a user who does not exist; a Failure while nothing can be vouched for. */
  principal(userId: string): Promise<Principal | undefined | Failure>;
  roles(): Promise<RoleLookup | Failure>;
  /** The user whose session this is; undefined when it has ended, or was none. */
  sessionOwner(sessionId: string): Promise<string | undefined | Failure>;
  /** Whether anything at all may still be vouched for. */
  isTrusted(): boolean;
  /** Rejects when not trusted. */
  check(): Promise<void>;
}

/** For how long the last word of a database that is away is believed. */
const TRUST_MS = 30_000;
const MOST_PRINCIPALS = 10_000;
const MOST_SESSIONS = 20_000;

const PRINCIPAL_TABLES: ReadonlySet<string> = new Set(['users', 'clients', 'user_clients']);
const ROLE_TABLES: ReadonlySet<string> = new Set(['roles', 'permissions', 'role_permissions']);
/** How the end of one session is announced. */
const SESSION_END = 'session ';

/**
 * Loads what is asked for, keeps it, and drops it when the database announces a change to it. When
 * announcements cannot be heard it asks the database anew; when that is away too, what was known
 * holds for 30 seconds after the last sign of life and not longer.
 * `database` needs a role that reads the access tables of every client: `leadctl_gateway`; whoever
 * opened it closes it, after this has stopped.
 */
export function createAccessCopy(deps: {
  database: Database;
  hub: NotificationHub;
  clock: Clock;
  log: Logger;
}): AccessCopy {
  const { database, hub, clock, log } = deps;
  let lastReadAtMs = Number.NEGATIVE_INFINITY;
  const read = async <T>(load: () => Promise<T>): Promise<T> => {
    const value = await load();
    lastReadAtMs = clock().getTime();
    return value;
  };
  const shelfDeps = { hub, clock, log, trustMs: TRUST_MS };
  const principals = createShelf<Principal | undefined>(
    { ...shelfDeps, mostEntries: MOST_PRINCIPALS },
    (userId) =>
      read(() => database.inTransaction(globalScope, (unit) => loadPrincipal(unit, userId))),
  );
  const roles = createShelf<RoleLookup>({ ...shelfDeps, mostEntries: 1 }, () =>
    read(async () => {
      const byId = await database.inTransaction(globalScope, loadRoles);
      return (roleId) => byId.get(roleId);
    }),
  );
  const sessions = createShelf<string | undefined>(
    { ...shelfDeps, mostEntries: MOST_SESSIONS },
    (id) => read(() => database.inTransaction(globalScope, (unit) => loadSession(unit, id))),
  );
  const unsubscribe = hub.subscribe('leadctl_access', (notice) => {
    const isUnclear = notice.kind === 'resumed';
    if (isUnclear) sessions.clear();
    else if (notice.payload.startsWith(SESSION_END)) {
      sessions.drop(notice.payload.slice(SESSION_END.length));
      return;
    }
    if (isUnclear || PRINCIPAL_TABLES.has(notice.payload)) principals.clear();
    if (isUnclear || ROLE_TABLES.has(notice.payload)) roles.clear();
  });
  const isTrusted = () =>
    clock().getTime() - Math.max(lastReadAtMs, hub.lastAliveAtMs()) < TRUST_MS;

  return {
    async principal(userId) {
      if (!idSchema.safeParse(userId).success) return undefined;
      const taken = await principals.take(userId);
      return isFailure(taken) ? taken : taken.value;
    },
    async roles() {
      const taken = await roles.take('all');
      return isFailure(taken) ? taken : taken.value;
    },
    async sessionOwner(sessionId) {
      if (!idSchema.safeParse(sessionId).success) return undefined;
      const taken = await sessions.take(sessionId);
      return isFailure(taken) ? taken : taken.value;
    },
    isTrusted,
    async check() {
      if (!isTrusted()) throw new Error('the access model cannot be read; nobody is vouched for');
    },
    async stop() {
      unsubscribe();
    },
  };
}
