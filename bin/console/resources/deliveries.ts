import { type Delivery, integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { deliveryView } from '../../commands/delivery/view.ts';
import { maskText } from '../../ui/mask.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { confirmation, formFor, option } from '../form.ts';
import { type Action, defineResource, sectionLines, type Weight } from '../resource.ts';
import { MOST } from './most.ts';

const { replayDeliveries } = integrationContract.routes;
const LIST = '/api/clients/{client_id}/deliveries';
const WEIGHTS: { readonly [Status in Delivery['status']]: Weight } = {
  pending: 'usual',
  delivering: 'usual',
  delivered: 'good',
  retrying: 'warning',
  unknown: 'warning',
  failed: 'bad',
  held: 'bad',
  skipped: 'usual',
};

export const deliveries = defineResource<Delivery>({
  name: 'deliveries',
  aliases: ['delivery'],
  title: 'Deliveries',
  summary: 'the newest, with what the provider said: retry one, replay many',
  isOfClient: true,
  isLive: true,
  needs: ['GET', LIST],
  columns: deliveryView.columns,
  mask: deliveryView.mask,
  id: ({ id }) => id,
  weigh: ({ status }) => WEIGHTS[status],
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(integrationContract).call('listDeliveries', { params, query }),
      MOST,
    );
  },
  detail: async (env, { id }) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId, delivery_id: id };
    const found = bodyOf(await gateway.of(integrationContract).call('getDelivery', { params }));
    return sectionLines('Attempts', found.attempt_log, (one) => [
      `${one.number}  ${one.started_at.slice(11, 19)}`,
      [
        one.outcome,
        one.code,
        one.message === null ? null : maskText(one.message),
        `${one.duration_ms ?? '-'} ms`,
      ]
        .filter((part) => part !== null)
        .join('  '),
    ]);
  },
  create: (env) => [replaying(env)],
  actions: (env, row) => (row.status === 'delivered' ? [] : [retrying(env, row)]),
});

function retrying(env: ConsoleEnv, { id, status, integration }: Delivery): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Retry now',
    severe: status === 'unknown',
    needs: ['POST', `${LIST}/{delivery_id}/retry`],
    form: () =>
      confirmation({
        title: `Try ${id} again (${integration})?`,
        ...(status === 'unknown'
          ? { warning: 'Nobody knows whether it arrived: it may be sent twice.' }
          : {}),
        command: `leadctl delivery retry ${id} --client ${clientId}`,
        submit: async () => {
          const params = { client_id: clientId, delivery_id: id };
          const after = bodyOf(
            await gateway.of(integrationContract).call('retryDelivery', { params }),
          );
          return `It is ${after.status}`;
        },
      }),
  };
}

function replaying(env: ConsoleEnv): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId };
  return {
    label: 'Replay many',
    needs: ['POST', `${LIST}/replay`],
    form: () =>
      formFor({
        title: `Try deliveries of ${clientId} again; dry run counts them`,
        schema: replayDeliveries.body.schema,
        ask: {
          status: {},
          integration: {},
          config: {},
          dry_run: { label: 'dry run', initial: 'yes' },
        },
        command: (values) =>
          `leadctl delivery replay${option('--status', values['status'])}${option('--integration', values['integration'])}${option('--config', values['config'])}${values['dry_run'] === 'yes' ? ' --dry-run' : ''} --client ${clientId}`,
        submit: async (body) => {
          const done = bodyOf(
            await gateway.of(integrationContract).call('replayDeliveries', { params, body }),
          );
          const groups = done.groups.map(
            ({ integration, code, count }) => `${count}  ${integration}  ${code ?? ''}`,
          );
          const told = `${done.count} ${done.dry_run ? 'would be' : 'are'} tried again`;
          return groups.length === 0 ? told : [told, ...groups].join('\n');
        },
      }),
  };
}
