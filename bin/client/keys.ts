import { type ApiKey, leadContract } from '../../daemons/lead/contract.ts';
import { listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';
import type { ClientGateway } from './scope.ts';

/** Asks for pages of the client's API keys. */
export function listKeys(gateway: ClientGateway) {
  const leads = gateway.of(leadContract);
  const params = { client_id: gateway.clientId };
  return (query: { limit: number; cursor: string | undefined }) =>
    leads.call('listApiKeys', { params, query });
}

export interface FoundKey {
  readonly key: ApiKey;
  /** Older keys of that name, which a rotation left alive for its overlap. */
  readonly others: readonly ApiKey[];
}

/** By id; or by name, which after a rotation is the newest one's: the older ones end by themselves. */
export async function findCurrentKey(gateway: ClientGateway, text: string): Promise<FoundKey> {
  const id = asId(text);
  const found: ApiKey[] = [];
  for await (const key of listAll(listKeys(gateway))) {
    const isMeant = id === undefined ? key.name === text && key.revoked_at === null : key.id === id;
    if (isMeant) found.push(key);
  }
  // Ids are time-ordered.
  const [newest, ...others] = found.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const named = newest === undefined ? [] : [newest];
  return { key: pickOne(named, { text, what: 'key', list: 'leadctl key ls' }), others };
}
