import {
  integrationContract,
  type ShownDestination,
} from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { destinationView, stateOf, wholeView } from '../../commands/destination/view.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { confirmation, word } from '../form.ts';
import { type Action, defineResource, propertyLines } from '../resource.ts';
import { MOST } from './most.ts';

const LIST = '/api/clients/{client_id}/destinations';
const ONE = `${LIST}/{destination_id}`;

export const destinations = defineResource<ShownDestination>({
  name: 'destinations',
  aliases: ['destination', 'dest'],
  title: 'Destinations',
  summary: 'where leads go, of any kind: test, switch, release what is held, remove',
  isOfClient: true,
  isLive: true,
  needs: ['GET', LIST],
  columns: destinationView.columns,
  mask: destinationView.mask,
  id: ({ id }) => id,
  weigh: (row) => (stateOf(row) === 'on' ? 'usual' : stateOf(row) === 'off' ? 'warning' : 'bad'),
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(integrationContract).call('listDestinations', { params, query }),
      MOST,
    );
  },
  detail: async (_env, row) =>
    propertyLines(
      wholeView(row).columns.filter(({ header }) => /^(settings|secrets)\./.test(header)),
      row,
    ),
  actions: (env, row) => [
    testing(env, row),
    ...(row.held.length > 0 ? [releasing(env, row)] : []),
    switching(env, row),
    removing(env, row),
  ],
});

function testing(env: ConsoleEnv, { id, name }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Test it',
    needs: ['POST', `${ONE}/test`],
    form: () =>
      confirmation({
        title: `Check whether ${name} will work?`,
        command: `leadctl destination test ${word(name)} --client ${clientId}`,
        submit: async () => {
          const api = gateway.of(integrationContract);
          const { checks } = bodyOf(await api.call('testDestination', { params }));
          const told = checks.flatMap((check) => [
            `${check.name}  ${check.status}: ${check.message}`,
            ...(check.remedy === null ? [] : [`  → ${check.remedy}`]),
          ]);
          return [`Tested ${name}`, ...told].join('\n');
        },
      }),
  };
}

function releasing(env: ConsoleEnv, { id, name }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Release what is held',
    needs: ['POST', `${ONE}/release`],
    form: () =>
      confirmation({
        title: `Try what waits for ${name} again now?`,
        command: `leadctl destination release ${word(name)} --client ${clientId}`,
        submit: async () => {
          bodyOf(await gateway.of(integrationContract).call('releaseDestination', { params }));
          return `${name} is tried again`;
        },
      }),
  };
}

function switching(env: ConsoleEnv, { id, name, enabled }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: enabled ? 'Switch off' : 'Switch on',
    severe: enabled,
    needs: ['PATCH', ONE],
    form: () =>
      confirmation({
        title: `Switch ${name} ${enabled ? 'off' : 'on'} for ${clientId}?`,
        command: `leadctl destination ${enabled ? 'disable' : 'enable'} ${word(name)} --client ${clientId}`,
        submit: async () => {
          const body = { enabled: !enabled };
          const api = gateway.of(integrationContract);
          bodyOf(await api.call('changeDestination', { params, body }));
          return `${name} is ${enabled ? 'off' : 'on'}`;
        },
      }),
  };
}

function removing(env: ConsoleEnv, { id, name, kind }: ShownDestination): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, destination_id: id };
  return {
    label: 'Remove',
    severe: true,
    needs: ['DELETE', ONE],
    form: () =>
      confirmation({
        title: `Remove ${name} (${kind}) from ${clientId}?`,
        command: `leadctl destination rm ${word(name)} --client ${clientId}`,
        submit: async () => {
          bodyOf(await gateway.of(integrationContract).call('removeDestination', { params }));
          return `Removed ${name}`;
        },
      }),
  };
}
