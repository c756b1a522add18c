import type { ClientContract } from '../../../daemons/client/contract.ts';
import type { Client } from '../../../lib/contract/client.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listEvery } from '../../client/paging.ts';
import { kinds } from '../kinds/index.ts';
import { ref, type Ref } from '../thing.ts';
import type { Step } from './step.ts';

/** The platform's memory of what was made by applying a set. */
export interface SetRegistry {
  owned(set: string): Promise<Ref[]>;
  /** Before the steps are done, so that a run that is killed leaves nothing behind that is nobody's. */
  claim(set: string, steps: readonly Step[]): Promise<void>;
  release(set: string, entries: readonly Ref[]): Promise<void>;
}

/** The most that one request takes. */
const CHUNK = 500;

const isOwnable = (name: string): boolean =>
  kinds.some((kind) => kind.name === name && !kind.isAttribute);

export function createSetRegistry(clients: Client<ClientContract>): SetRegistry {
  const inChunks = async (
    verb: 'claimSetEntries' | 'releaseSetEntries',
    set: string,
    things: readonly Ref[],
  ): Promise<void> => {
    for (let at = 0; at < things.length; at += CHUNK) {
      const entries = things
        .slice(at, at + CHUNK)
        .map(({ kind, clientId: client_id, identity }) => ({ kind, client_id, identity }));
      bodyOf(await clients.call(verb, { params: { set }, body: { entries } }));
    }
  };
  return {
    async owned(set) {
      const all = await listEvery((query) =>
        clients.call('listSetEntries', { params: { set }, query }),
      );
      // A kind that a later version has made is left to it.
      return all
        .filter(({ kind }) => isOwnable(kind))
        .map(({ kind, client_id, identity }) => ref(kind, client_id, identity));
    },
    async claim(set, steps) {
      const made = steps.filter(({ action, kind }) => action === 'create' && isOwnable(kind));
      await inChunks('claimSetEntries', set, made);
    },
    release: (set, entries) => inChunks('releaseSetEntries', set, entries),
  };
}
