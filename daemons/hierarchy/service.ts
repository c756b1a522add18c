import { z } from 'zod';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { idSchema, type ClientId } from '../../lib/core/ids.ts';
import { standingIn } from '../../lib/access/in-client.ts';
import { readCursor, toPage, type Page, type PageQuery } from '../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../lib/db/clients.ts';
import type { Database } from '../../lib/db/database.ts';
import { allClients, clientScope, type ClientUnit } from '../../lib/db/scope.ts';
import { depthBetween } from '../../lib/hierarchy/closure.ts';
import { noSuchMember, type MemberRow } from '../../lib/hierarchy/member-rows.ts';
import { seesWholeClient, type UserIdentity } from '../../lib/identity/identity.ts';
import type { Check, DescendantFilters, Pair, Relative, Tree } from './contract.ts';
import { presentRelative } from './present.ts';
import * as store from './store.ts';
import { toTree } from './tree.ts';

export interface HierarchyService {
  /** From the actor downwards; from the client's roots for whoever sees all of it. */
  tree(actor: UserIdentity, clientId: ClientId, depth?: number): Promise<Tree | Failure>;
  descendants(
    actor: UserIdentity,
    clientId: ClientId,
    id: string,
    filters: DescendantFilters,
  ): Promise<Page<Relative> | Failure>;
  ancestors(
    actor: UserIdentity,
    clientId: ClientId,
    id: string,
    page: PageQuery,
  ): Promise<Page<Relative> | Failure>;
  check(actor: UserIdentity, pair: Pair): Promise<Check | Failure>;
}

/** About 3 MB of JSON; whoever wants more reads descendants a page at a time. */
const MOST_TREE_NODES = 10_000;

export function createHierarchyService(deps: { database: Database }): HierarchyService {
  const { database } = deps;
  return {
    tree(actor, clientId, depth) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const tops = await topsFor(unit, actor);
        const limit = MOST_TREE_NODES + 1;
        const rows = await store.readTree(unit, tops, { maxDepth: depth, limit });
        return {
          client_id: clientId,
          roots: toTree(rows.slice(0, MOST_TREE_NODES), tops),
          truncated: rows.length > MOST_TREE_NODES,
        };
      });
    },

    descendants(actor, clientId, id, { limit, cursor, depth }) {
      return relatives(database, { actor, clientId, id, cursor, limit }, (unit, after) =>
        store.listBelow(unit, id, { maxDepth: depth, limit: limit + 1, after }),
      );
    },

    ancestors(actor, clientId, id, { limit, cursor }) {
      return relatives(database, { actor, clientId, id, cursor, limit }, (unit, after) =>
        store.listAbove(unit, id, { limit: limit + 1, after }),
      );
    },

    async check(actor, pair) {
      const ids = { actor: pair.actor_user_client_id, target: pair.target_user_client_id };
      const clientId = await database.inTransaction(
        allClients('two memberships are named, their client is not'),
        (unit) => store.sharedClient(unit, ids),
      );
      if (clientId === undefined) return noSharedClient();
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const standing = await standingIn(unit, actor, CHECK);
        // Somebody of another client learns nothing, not even that there is a pair.
        if (isFailure(standing)) return standing.code === 'not_found' ? noSharedClient() : standing;
        return explain(await depthBetween(unit, ids.actor, ids.target));
      });
    },
  };
}

const CHECK = { method: 'POST', path: '/api/hierarchy/check' } as const;

function noSharedClient(): Failure {
  return fail('not_found', 'These are not two members of one client that you belong to.');
}

async function topsFor(unit: ClientUnit, actor: UserIdentity): Promise<string[]> {
  if (seesWholeClient(actor)) return store.rootIds(unit);
  return actor.membership === null ? [] : [actor.membership.id];
}

interface RelativesOf {
  readonly actor: UserIdentity;
  readonly clientId: ClientId;
  readonly id: string;
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** A page of somebody's relatives, if the actor may see that somebody. */
async function relatives(
  database: Database,
  of: RelativesOf,
  list: (unit: ClientUnit, after: store.Position | undefined) => Promise<MemberRow[]>,
): Promise<Page<Relative> | Failure> {
  const after = decodePosition(of.cursor);
  if (isFailure(after)) return after;
  const rows = await database.inTransaction(clientScope(of.clientId), async (unit) =>
    (await store.isInScope(unit, of.actor, of.id)) ? list(unit, after) : noSuchMember(of.id),
  );
  if (isFailure(rows)) return rows;
  return toPage(rows, of.limit, (row) => [String(row.depth), row.id], presentRelative);
}

const positionSchema = z.tuple([z.coerce.number().int().min(0), idSchema]);

function decodePosition(cursor: string | undefined): store.Position | Failure | undefined {
  const parts = readCursor(cursor, positionSchema);
  if (parts === undefined || isFailure(parts)) return parts;
  return { depth: parts[0], id: parts[1] };
}

function explain(depth: number | undefined): Check {
  if (depth === undefined) {
    return { allowed: false, depth: null, reason: 'The target is not below the actor.' };
  }
  const reason =
    depth === 0
      ? 'A member acts on what is their own.'
      : `The target is ${depth} ${depth === 1 ? 'level' : 'levels'} below the actor.`;
  return { allowed: true, depth, reason };
}
