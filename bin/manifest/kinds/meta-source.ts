import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { listEvery } from '../../client/paging.ts';
import { nameKey } from '../names.ts';
import { ref } from '../thing.ts';
import { gone, made } from './answers.ts';
import { clientPart, type Kind } from './kind.ts';

const { page_id, form_id } = integrationContract.routes.addMetaSource.body.schema.shape;
const item = z.strictObject({
  page_id: page_id.describe('An id of Meta’s: digits'),
  form_id: form_id.describe('Every form of the page when not given'),
});

function sourceKey(page: string, form: string | null | undefined): string {
  return nameKey(form == null ? [page] : [page, form]);
}

function showSource(page: string, form: string | null | undefined): string {
  return form == null ? `page ${page}` : `form ${form} of page ${page}`;
}

const metaSource: Kind<ClientId> = {
  name: 'meta_source',
  async read({ api: { integrations }, clientId }) {
    const params = { client_id: clientId };
    const all = await listEvery((query) => integrations.call('listMetaSources', { params, query }));
    return all.map(({ id, page_id, form_id }) => ({
      ...ref('meta_source', clientId, sourceKey(page_id, form_id)),
      name: showSource(page_id, form_id),
      id,
      fields: {},
      entry: { page_id, ...(form_id === null ? {} : { form_id }) },
      remove: () =>
        gone(integrations.call('removeMetaSourceById', { params: { ...params, source_id: id } })),
    }));
  },
};

/** `meta_sources` of a client. One page and form belongs to one client only. */
export const metaSources = clientPart({
  field: 'meta_sources',
  item,
  kinds: [metaSource],
  things: ({ page_id, form_id }, { clientId }) => [
    {
      ...ref('meta_source', clientId, sourceKey(page_id, form_id)),
      name: showSource(page_id, form_id),
      fields: {},
      unique: `meta_source ${sourceKey(page_id, form_id)}`,
      make: ({ api }) => {
        const body = { page_id, form_id: form_id ?? null };
        const params = { client_id: clientId };
        return made(api.integrations.call('addMetaSource', { params, body }));
      },
    },
  ],
});
