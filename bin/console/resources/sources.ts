import { integrationContract, type MetaSource } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { sourceColumns } from '../../commands/meta/index.ts';
import { inClient } from '../env.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';

const LIST = '/api/clients/{client_id}/meta-sources';

export const sources = defineResource<MetaSource>({
  name: 'sources',
  aliases: ['source', 'meta'],
  title: 'Meta sources',
  summary: 'pages and forms whose leads are this client’s',
  isOfClient: true,
  needs: ['GET', LIST],
  columns: sourceColumns,
  id: ({ id }) => id,
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(integrationContract).call('listMetaSources', { params, query }),
      MOST,
    );
  },
  create: (env) => {
    const { gateway, clientId } = inClient(env);
    return [
      {
        label: 'Map a page or form',
        needs: ['POST', LIST],
        form: () =>
          formFor({
            title: `A Meta page, or one form of it, for ${clientId}`,
            schema: integrationContract.routes.addMetaSource.body.schema,
            ask: {
              page_id: { label: 'page' },
              form_id: { label: 'form', help: 'only this form; it goes before its page' },
            },
            command: (values) =>
              `leadctl meta source add ${word(values['page_id'] ?? '')}${option('--form', values['form_id'])} --client ${clientId}`,
            submit: async (body) => {
              const params = { client_id: clientId };
              const made = bodyOf(
                await gateway.of(integrationContract).call('addMetaSource', { params, body }),
              );
              return `Mapped ${made.page_id}`;
            },
          }),
      },
    ];
  },
  actions: (env, { id, page_id }) => {
    const { gateway, clientId } = inClient(env);
    return [
      {
        label: 'Undo the mapping',
        severe: true,
        needs: ['DELETE', `${LIST}/{source_id}`],
        form: () =>
          confirmation({
            title: `Undo the mapping of ${page_id} to ${clientId}?`,
            warning: 'What Meta sends for it is kept and waits.',
            command: `leadctl meta source rm ${id} --client ${clientId}`,
            submit: async () => {
              const params = { client_id: clientId, source_id: id };
              bodyOf(
                await gateway.of(integrationContract).call('removeMetaSourceById', { params }),
              );
              return `${page_id} is mapped no more`;
            },
          }),
      },
    ];
  },
});
