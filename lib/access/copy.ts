import type { Clock } from '../core/clock.ts';
import { isFailure, type Failure } from '../core/errors.ts';
import { clientIdSchema, idSchema } from '../core/ids.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import type { Database } from '../db/database.ts';
import type { NotificationHub } from '../db/notifications.ts';
import { globalScope } from '../db/scope.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Principal, RoleGrants, TokenPrincipal } from './decide.ts';
import { clientIsThere, loadPrincipal, loadRoles, loadSession } from './load.ts';
import { loadToken, noteTokenUse } from './load-token.ts';
import { createTrustedCache } from './trusted-cache.ts';
import { createTokenUse } from './token-use.ts';

export type RoleLookup = (roleId: string) => RoleGrants | undefined;

/** The access model as the gateway decides from it: in memory, and at most a second behind. */
export interface AccessCopy extends Stoppable {
  /** Undefined for a user who does not exist; a Failure while nothing can be vouched for. */
  principal(userId: string): Promise<Principal | undefined | Failure>;
  /** The machine token of this SHA-256 in hex, expired or not; undefined when it is none of ours. */
  token(hash: string): Promise<TokenPrincipal | undefined | Failure>;
  /** A request was let in by this machine token. */
  noteTokenUse(tokenId: string): void;
  roles(): Promise<RoleLookup | Failure>;
  /** The user whose session this is; undefined when it has ended, or was none. */
  sessionOwner(sessionId: string): Promise<string | undefined | Failure>;
  /** Whether there is such a client, active or not. */
  hasClient(clientId: string): Promise<boolean | Failure>;
  /** Whether anything at all may still be vouched for. */
  isTrusted(): boolean;
  /** Rejects when not trusted. */
  check(): Promise<void>;
}

/** For how long the last word of a database that is away is believed. */
const TRUST_MS = 30_000;
const MOST_PRINCIPALS = 10_000;
const MOST_SESSIONS = 20_000;
const MOST_CLIENTS = 10_000;

const PRINCIPAL_TABLES: ReadonlySet<string> = new Set(['users', 'clients', 'user_clients']);
const TOKEN_TABLES: ReadonlySet<string> = new Set(['machine_tokens', 'clients']);
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
  const cacheDeps = { hub, clock, log, trustMs: TRUST_MS };
  const principals = createTrustedCache<Principal | undefined>(
    { ...cacheDeps, mostEntries: MOST_PRINCIPALS },
    (userId) =>
      read(() => database.inTransaction(globalScope, (unit) => loadPrincipal(unit, userId))),
  );
  const tokens = createTrustedCache<TokenPrincipal | undefined>(
    { ...cacheDeps, mostEntries: MOST_PRINCIPALS },
    (hash) => read(() => database.inTransaction(globalScope, (unit) => loadToken(unit, hash))),
    // Anybody can make up tokens: they would crowd out those that are used.
    (principal) => principal === undefined,
  );
  // Clients are never deleted: one that was there is there.
  const clients = createTrustedCache<boolean>(
    { ...cacheDeps, mostEntries: MOST_CLIENTS },
    (clientId) =>
      read(() => database.inTransaction(globalScope, (unit) => clientIsThere(unit, clientId))),
    (isThere) => !isThere,
  );
  const use = createTokenUse({
    clock,
    write: (tokenId, at) =>
      database.inTransaction(globalScope, (unit) => noteTokenUse(unit, tokenId, at)),
    onError: (error) => log.warn({ err: error }, 'the use of a machine token was not noted'),
  });
  const roles = createTrustedCache<RoleLookup>({ ...cacheDeps, mostEntries: 1 }, () =>
    read(async () => {
      const byId = await database.inTransaction(globalScope, (unit) => loadRoles(unit));
      return (roleId) => byId.get(roleId);
    }),
  );
  const sessions = createTrustedCache<string | undefined>(
    { ...cacheDeps, mostEntries: MOST_SESSIONS },
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
    if (isUnclear || TOKEN_TABLES.has(notice.payload)) tokens.clear();
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
    async token(hash) {
      const taken = await tokens.take(hash);
      return isFailure(taken) ? taken : taken.value;
    },
    noteTokenUse: (tokenId) => use.note(tokenId),
    async hasClient(clientId) {
      if (!clientIdSchema.safeParse(clientId).success) return false;
      const taken = await clients.take(clientId);
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
