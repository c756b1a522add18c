import * as fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newId, type ClientId } from '../core/ids.ts';
import { createDatabase, type Database } from '../db/database.ts';
import { clientScope, type ClientUnit } from '../db/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { aClient, aRole, openAsOwner } from '../testing/factories.ts';
import {
  addToHierarchy,
  lockHierarchy,
  moveInHierarchy,
  rebuildHierarchy,
  removeFromHierarchy,
  type HierarchyUnit,
  type Placement,
} from './closure.ts';

const CONNECTIONS = 8;

let testDatabase: TestDatabase;
let owner: Pool;
let database: Database;
let clientId: ClientId;
let roleId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openAsOwner(testDatabase);
  database = createDatabase({
    url: testDatabase.url,
    role: 'leadctl_user',
    applicationName: 'closure-test',
    poolMax: CONNECTIONS,
  });
  roleId = (await aRole(owner)).id;
});

beforeEach(async () => {
  clientId = (await aClient(owner)).clientId;
});

afterAll(async () => {
  await database.stop();
  await owner.end();
  await testDatabase.drop();
});

/** Who reports to whom, by member. */
type Edges = ReadonlyMap<string, string | null>;

/** The closure as a plain walk upwards from every member finds it; a loop is a thrown error. */
function walk(edges: Edges): string[] {
  return [...edges.keys()]
    .flatMap((descendant) => {
      const links: string[] = [];
      let ancestor: string | null | undefined = descendant;
      for (let depth = 0; ancestor != null; depth += 1) {
        if (depth > edges.size) throw new Error(`a loop above ${descendant}`);
        links.push(`${ancestor} ${descendant} ${depth}`);
        ancestor = edges.get(ancestor);
      }
      return links;
    })
    .toSorted();
}

async function storedClosure(): Promise<string[]> {
  const { rows } = await owner.query({
    text: `SELECT concat_ws(' ', ancestor_user_client_id, descendant_user_client_id, depth)
      FROM user_client_hierarchy WHERE client_id = $1`,
    values: [clientId],
    rowMode: 'array',
  });
  return z
    .array(z.tuple([z.string()]))
    .parse(rows)
    .flat()
    .toSorted();
}

async function storedEdges(): Promise<Edges> {
  const { rows } = await owner.query({
    text: 'SELECT id, reports_to_user_client_id FROM user_clients WHERE client_id = $1',
    values: [clientId],
    rowMode: 'array',
  });
  return new Map(z.array(z.tuple([z.string(), z.string().nullable()])).parse(rows));
}

async function insertMember(unit: ClientUnit, member: Placement): Promise<void> {
  await unit.run(
    `WITH newcomer AS (INSERT INTO users (id, email) VALUES (:id, :id || '@example.com'))
     SELECT`,
    { id: member.id },
  );
  await unit.run(
    `INSERT INTO user_clients (id, user_id, client_id, role_id, reports_to_user_client_id)
     VALUES (:id, :id, :client, :role, :manager)`,
    { id: member.id, client: clientId, role: roleId, manager: member.reportsTo },
  );
}

const inHierarchy = <T>(work: (unit: HierarchyUnit) => Promise<T>): Promise<T> =>
  database.inTransaction(clientScope(clientId), async (unit) => work(await lockHierarchy(unit)));

/** Numbers pick among the members that there are at that step; `to` at or past their count is nobody. */
type Step =
  | { readonly kind: 'add'; readonly to: number }
  | { readonly kind: 'move'; readonly who: number; readonly to: number }
  | { readonly kind: 'remove'; readonly who: number };

const pick = fc.nat({ max: 1_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add'), to: pick }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('move'), who: pick, to: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove'), who: pick }) },
);

async function take(unit: HierarchyUnit, edges: Map<string, string | null>, taken: Step) {
  const members = [...edges.keys()];
  const memberAt = (index: number) => members[index % (members.length + 1)] ?? null;
  if (taken.kind === 'add') {
    const member = { id: newId(), reportsTo: memberAt(taken.to) };
    await insertMember(unit, member);
    await addToHierarchy(unit, member);
    edges.set(member.id, member.reportsTo);
    return;
  }
  const id = memberAt(taken.who);
  if (id === null) return;
  if (taken.kind === 'move') {
    const reportsTo = memberAt(taken.to);
    const isLoop = reportsTo !== null && ancestorsOf(edges, reportsTo).includes(id);
    const outcome = await moveInHierarchy(unit, { id, reportsTo });
    if (isLoop !== (outcome === 'cycle')) throw new Error(`move to ${reportsTo}: ${outcome}`);
    if (!isLoop) edges.set(id, reportsTo);
    return;
  }
  await removeFromHierarchy(unit, id);
  await unit.run('DELETE FROM user_clients WHERE client_id = ? AND id = ?', [clientId, id]);
  for (const [report, manager] of edges) {
    if (manager === id) edges.set(report, edges.get(id) ?? null);
  }
  edges.delete(id);
}

function ancestorsOf(edges: Edges, id: string): string[] {
  const manager = edges.get(id);
  return manager == null ? [id] : [id, ...ancestorsOf(edges, manager)];
}

describe('the closure table', () => {
  test('equals a walk over who reports to whom, whatever was added, moved and removed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 200 }), async (steps) => {
        clientId = (await aClient(owner)).clientId;
        const edges = new Map<string, string | null>();
        for (let start = 0; start < steps.length; start += 25) {
          await inHierarchy(async (unit) => {
            for (const taken of steps.slice(start, start + 25)) await take(unit, edges, taken);
          });
          expect(await storedEdges()).toEqual(edges);
          expect(await storedClosure()).toEqual(walk(edges));
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  }, 60_000);

  test('has no loop and no orphan after eight connections moved members at once', async () => {
    const ids = Array.from({ length: 24 }, newId);
    await inHierarchy(async (unit) => {
      for (const [index, id] of ids.entries()) {
        const member = { id, reportsTo: ids[Math.floor((index - 1) / 2)] ?? null };
        await insertMember(unit, member);
        await addToHierarchy(unit, member);
      }
    });
    const anyone = () => ids[Math.floor(Math.random() * ids.length)] ?? newId();
    const outcomes = await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const results: string[] = [];
        for (let move = 0; move < 40; move += 1) {
          const placement = { id: anyone(), reportsTo: move % 10 === 0 ? null : anyone() };
          results.push(await inHierarchy((unit) => moveInHierarchy(unit, placement)));
        }
        return results;
      }),
    );
    expect(new Set(outcomes.flat())).toEqual(new Set(['moved', 'cycle']));
    const edges = await storedEdges();
    expect(edges.size).toBe(ids.length);
    expect(await storedClosure()).toEqual(walk(edges));
  }, 60_000);

  test('can be derived anew from the edges alone', async () => {
    const [root, lead, rep] = [newId(), newId(), newId()];
    await inHierarchy(async (unit) => {
      await insertMember(unit, { id: root, reportsTo: null });
      await insertMember(unit, { id: lead, reportsTo: root });
      await insertMember(unit, { id: rep, reportsTo: lead });
      await rebuildHierarchy(unit);
    });
    expect(await storedClosure()).toEqual(walk(await storedEdges()));
  });

  test('of one client is not touched through another’s unit', async () => {
    const root = newId();
    const rep = newId();
    await inHierarchy(async (unit) => {
      for (const member of [
        { id: root, reportsTo: null },
        { id: rep, reportsTo: root },
      ]) {
        await insertMember(unit, member);
        await addToHierarchy(unit, member);
      }
    });
    const before = await storedClosure();
    const other = (await aClient(owner)).clientId;
    await database.inTransaction(clientScope(other), async (unit) => {
      const locked = await lockHierarchy(unit);
      await moveInHierarchy(locked, { id: rep, reportsTo: null });
      await removeFromHierarchy(locked, root);
    });
    expect(await storedClosure()).toEqual(before);
  });
});
