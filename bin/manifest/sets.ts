import {
  type ClientContract,
  MANIFEST_KINDS,
  type SetEntry,
} from '../../daemons/client/contract.ts';
import type { Client } from '../../lib/contract/client.ts';
import { bodyOf } from '../cli/api-error.ts';
import { listAll } from '../client/paging.ts';
import { clientIdSchema } from '../../lib/core/ids.ts';
import type { Owned } from './plan/removals.ts';
import { collect } from './platform/read.ts';
import type { Step } from './step.ts';

/** The platform's memory of what was made by applying a set. */
export interface SetRegistry {
  owned(set: string): Promise<Owned[]>;
  /** Before the steps are done, so that a run that is killed leaves nothing behind that is nobody's. */
  claim(set: string, steps: readonly Step[]): Promise<void>;
  release(set: string, entries: readonly Owned[]): Promise<void>;
}

/** The most that one request takes. */
const CHUNK = 500;

export function createSetRegistry(clients: Client<ClientContract>): SetRegistry {
  const inChunks = async (
    verb: 'claimSetEntries' | 'releaseSetEntries',
    set: string,
    owned: readonly Owned[],
  ): Promise<void> => {
    for (let at = 0; at < owned.length; at += CHUNK) {
      const entries = owned.slice(at, at + CHUNK).map(toEntry);
      bodyOf(await clients.call(verb, { params: { set }, body: { entries } }));
    }
  };
  return {
    async owned(set) {
      const list = listAll((query) => clients.call('listSetEntries', { params: { set }, query }));
      return (await collect(list)).map(({ kind, client_id: clientId, identity }) => ({
        kind,
        clientId,
        identity,
      }));
    },
    async claim(set, steps) {
      const made = steps.filter(({ action }) => action === 'create').flatMap(toOwned);
      await inChunks('claimSetEntries', set, made);
    },
    release: (set, entries) => inChunks('releaseSetEntries', set, entries),
  };
}

/** The thing that a step makes, as a set knows it; nothing for what is an attribute of another thing. */
export function toOwned({ kind, clientId, identity }: Step): Owned[] {
  const ownedKind = MANIFEST_KINDS.find((known) => known === kind);
  return ownedKind === undefined ? [] : [{ kind: ownedKind, clientId, identity }];
}

function toEntry({ kind, clientId, identity }: Owned): SetEntry {
  return { kind, client_id: clientId === null ? null : clientIdSchema.parse(clientId), identity };
}
