import { type ClientProduct, productContract } from '../../../daemons/product/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { offeredColumns, pathOf } from '../../commands/product/index.ts';
import { inClient } from '../env.ts';
import { confirmation, word } from '../form.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';

const ONE = '/api/clients/{client_id}/products/{product_id}';

export const products = defineResource<ClientProduct>({
  name: 'products',
  aliases: ['offered'],
  title: 'Products offered',
  summary: 'what this client offers: switch on and off, detach',
  isOfClient: true,
  needs: ['GET', '/api/clients/{client_id}/products'],
  columns: offeredColumns,
  id: ({ product_id }) => product_id,
  weigh: ({ enabled }) => (enabled ? 'usual' : 'warning'),
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(productContract).call('listClientProducts', { params, query }),
      MOST,
    );
  },
  actions: (env, row) => {
    const { gateway, clientId } = inClient(env);
    const api = gateway.of(productContract);
    const params = { client_id: clientId, product_id: row.product_id };
    const path = pathOf(row);
    const verb = row.enabled ? 'disable' : 'enable';
    return [
      {
        label: row.enabled ? 'Switch off' : 'Switch on',
        needs: ['PUT', ONE],
        form: () =>
          confirmation({
            title: `Switch ${path} ${row.enabled ? 'off' : 'on'} for ${clientId}?`,
            command: `leadctl product ${verb} ${word(path)} --client ${clientId}`,
            submit: async () => {
              const body = { enabled: !row.enabled };
              bodyOf(await api.call('putClientProduct', { params, body }));
              return `${path} is ${row.enabled ? 'off' : 'on'}`;
            },
          }),
      },
      {
        label: 'Detach',
        severe: true,
        needs: ['DELETE', ONE],
        form: () =>
          confirmation({
            title: `Take ${path} from ${clientId}?`,
            command: `leadctl product detach ${word(path)} --client ${clientId}`,
            submit: async () => {
              bodyOf(await api.call('detachClientProduct', { params }));
              return `${clientId} no longer offers ${path}`;
            },
          }),
      },
    ];
  },
});
