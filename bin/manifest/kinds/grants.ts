import * as z from 'zod';
import { GRANT_SHAPE } from '../../../lib/access/grant-pattern.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { forEachBounded, CONCURRENCY } from '../engine/pool.ts';
import type { State } from '../thing.ts';
import { ref, type Change, type Found, type Wanted } from '../thing.ts';
import { done } from './answers.ts';
import { coveringPatterns, namesMatched } from './covering-patterns.ts';
import type { Kind } from './kind.ts';
import { permissionRef, permissionsIn, showPermission } from './permission.ts';

export const grantsSchema = z
  .array(z.string().regex(GRANT_SHAPE, { message: 'must be METHOD /path or * /path/**' }))
  .max(500)
  .describe('All that the role may do; left as it is when not given');

/** What a role may do: it is replaced as a whole. Its fields are the permissions held. */
export const grants: Kind<null> = {
  name: 'grants',
  isAttribute: true,
  async read({ api, wants, list }) {
    const [roles] = await Promise.all([list('role'), list('permission')]);
    const found: Found[] = [];
    const asked = roles.filter(({ identity }) => wants(identity));
    await forEachBounded(asked, CONCURRENCY, async (role) => {
      const params = { role_id: role.id ?? '' };
      const held = bodyOf(await api.permissions.call('getRolePermissions', { params }));
      const names = held.permissions.map(showPermission);
      found.push({
        ...ref('grants', null, role.identity),
        fields: Object.fromEntries(names.map((name) => [name, true])),
        needs: [role],
      });
    });
    return found;
  },
};

/** Patterns mean the permissions of today: what a later version adds shows as a change. */
export function grantsThing(role: string, patterns: readonly string[]): Wanted {
  const self = ref('grants', null, role);
  const owner = ref('role', null, role);
  return {
    ...self,
    fields: {},
    unique: false,
    needs: [owner],
    changes: (found, state) => {
      const wanted = matchedBy(patterns, state);
      const held = Object.keys(found?.fields ?? {});
      const added = [...wanted].filter((one) => !held.includes(one));
      const taken = held.filter((one) => !wanted.has(one));
      return [
        ...added.map((to): Change => ({ field: 'grant', from: null, to })),
        ...taken.map((from): Change => ({ field: 'grant', from, to: null })),
      ];
    },
    flaws: (state) =>
      patterns.flatMap((pattern, at) => {
        if (matchedBy([pattern], state).size > 0) return [];
        const message = `"${pattern}" matches no permission; leadctl permission ls shows what there is`;
        return [{ path: ['grants', at], message }];
      }),
    change: ({ api, state, idOf }) => {
      const wanted = [...matchedBy(patterns, state)].toSorted();
      const permission_ids = wanted.map((name) => idOf(permissionRef(name)));
      const params = { role_id: idOf(owner) };
      return done(api.permissions.call('setRolePermissions', { params, body: { permission_ids } }));
    },
  };
}

/** What a role holds as one would write it. */
export function grantsEntry(state: State, role: string): string[] {
  const held = Object.keys(state.find(ref('grants', null, role))?.fields ?? {});
  return coveringPatterns(new Set(held), permissionsIn(state));
}

function matchedBy(patterns: readonly string[], state: State): Set<string> {
  const all = permissionsIn(state);
  return new Set(patterns.flatMap((text) => namesMatched(text, all)));
}
