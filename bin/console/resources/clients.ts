import { type ClientView, clientContract } from '../../../daemons/client/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { clientView } from '../../commands/client/view.ts';
import type { ConsoleEnv } from '../env.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { type Action, defineResource } from '../resource.ts';
import { HOME } from '../state.ts';
import { MOST } from './most.ts';

const { createClient, updateClient } = clientContract.routes;
const ONE = '/api/clients/{client_id}';

export const clients = defineResource<ClientView>({
  name: 'clients',
  aliases: ['client'],
  title: 'Clients',
  summary: 'create, suspend, archive; Enter works on one',
  isOfClient: false,
  needs: ['GET', '/api/clients'],
  columns: clientView.columns,
  id: ({ client_id }) => client_id,
  weigh: ({ status }) => (status === 'active' ? 'usual' : 'warning'),
  leadsTo: ({ client_id }) => ({ resource: HOME, client: client_id }),
  load: ({ gateway }) =>
    listUpTo((query) => gateway.of(clientContract).call('listClients', { query }), MOST),
  create: (env) => [creating(env)],
  actions: (env, row) => [changing(env, row), ...switching(env, row)],
});

function creating({ gateway }: ConsoleEnv): Action {
  return {
    label: 'Create a client',
    needs: ['POST', '/api/clients'],
    form: () =>
      formFor({
        title: 'A new client',
        schema: createClient.body.schema,
        ask: {
          client_id: { label: 'id', help: 'a–z, 0–9, _ and -; never changes' },
          name: { help: 'for people to read' },
          default_country: {
            label: 'country',
            help: 'two letters: where numbers without a country code are from',
          },
        },
        command: (values) =>
          `leadctl client create ${word(values['client_id'] ?? '')}${option('--name', values['name'])}${option('--default-country', values['default_country'])}`,
        submit: async (body) => {
          const made = bodyOf(await gateway.of(clientContract).call('createClient', { body }));
          return `Created ${made.client_id}; Enter works on it`;
        },
      }),
  };
}

function changing(
  { gateway }: ConsoleEnv,
  { client_id, name, default_country }: ClientView,
): Action {
  return {
    label: 'Rename, or change the country',
    needs: ['PATCH', ONE],
    form: () =>
      formFor({
        title: `Change ${client_id}`,
        schema: updateClient.body.schema,
        ask: {
          name: { initial: name },
          default_country: { label: 'country', initial: default_country },
        },
        command: (values) =>
          `leadctl client update ${client_id}${option('--name', values['name'])}${option('--default-country', values['default_country'])}`,
        submit: async (body) => {
          const params = { client_id };
          bodyOf(await gateway.of(clientContract).call('updateClient', { params, body }));
          return `Changed ${client_id}`;
        },
      }),
  };
}

function switching({ gateway }: ConsoleEnv, { client_id, status }: ClientView): Action[] {
  const set = (verb: string, to: 'active' | 'suspended', warning?: string): Action => ({
    label: `${verb === 'activate' ? 'Activate' : 'Suspend'} it`,
    needs: ['PATCH', ONE],
    severe: to === 'suspended',
    form: () =>
      confirmation({
        title: `${verb === 'activate' ? 'Activate' : 'Suspend'} ${client_id}?`,
        ...(warning === undefined ? {} : { warning }),
        command: `leadctl client ${verb} ${client_id}`,
        submit: async () => {
          const params = { client_id };
          const body = { status: to };
          bodyOf(await gateway.of(clientContract).call('updateClient', { params, body }));
          return `${client_id} is ${to}`;
        },
      }),
  });
  return status === 'active'
    ? [set('suspend', 'suspended', 'Its forms and members are refused at once.')]
    : [set('activate', 'active')];
}
