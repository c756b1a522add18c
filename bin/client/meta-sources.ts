import { integrationContract } from '../../daemons/integration/contract.ts';
import type { Answer } from './answer.ts';
import { listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';
import type { ClientGateway } from './scope.ts';

export type MetaSource = Answer<typeof integrationContract, 'addMetaSource', 201>;

/** The Meta pages and forms whose leads are the client's. */
export async function listSources(gateway: ClientGateway): Promise<MetaSource[]> {
  const integrations = gateway.of(integrationContract);
  const params = { client_id: gateway.clientId };
  const sources: MetaSource[] = [];
  const ask = (query: { limit: number; cursor: string | undefined }) =>
    integrations.call('listMetaSources', { params, query });
  for await (const source of listAll(ask)) sources.push(source);
  return sources;
}

/** By id, or as `PAGE` or `PAGE/FORM`; a `CliError` (exit 5) when there is none. */
export async function findSource(gateway: ClientGateway, text: string): Promise<MetaSource> {
  const id = asId(text);
  const all = await listSources(gateway);
  const found = all.filter((source) =>
    id === undefined ? nameOf(source) === text : source.id === id,
  );
  return pickOne(found, { text, what: 'Meta source', list: 'leadctl meta source ls' });
}

/** `PAGE`, or `PAGE/FORM`. */
export function nameOf({ page_id, form_id }: MetaSource): string {
  return form_id === null ? page_id : `${page_id}/${form_id}`;
}
