import { integrationContract, type Suppression } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { maskEmail, maskPhone } from '../../ui/mask.ts';
import { inClient } from '../env.ts';
import { confirmation, formFor, word } from '../form.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';

const LIST = '/api/clients/{client_id}/suppressions';

export const suppressions = defineResource<Suppression>({
  name: 'suppressions',
  aliases: ['suppression', 'stop'],
  title: 'Suppressed',
  summary: 'numbers and addresses that are not written to: add, lift',
  isOfClient: true,
  needs: ['GET', LIST],
  columns: [
    { header: 'ADDRESS', value: (row) => row.address, keep: true },
    { header: 'CHANNEL', value: (row) => row.channel },
    { header: 'BY', value: (row) => row.made_by },
    { header: 'AGE', exactHeader: 'SINCE', value: (row) => new Date(row.created_at) },
    { header: 'REASON', value: (row) => row.reason },
    { header: 'ID', value: (row) => row.id, wide: true },
  ],
  mask: (row) => ({
    ...row,
    address: row.channel === 'email' ? maskEmail(row.address) : maskPhone(row.address),
  }),
  id: ({ id }) => id,
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo(
      (query) => gateway.of(integrationContract).call('listSuppressions', { params, query }),
      MOST,
    );
  },
  create: (env) => {
    const { gateway, clientId } = inClient(env);
    return [
      {
        label: 'Write to a number or address no more',
        needs: ['POST', LIST],
        form: () =>
          formFor({
            title: `Somebody whom ${clientId} writes to no more`,
            schema: integrationContract.routes.addSuppression.body.schema,
            ask: { channel: {}, address: {}, reason: {} },
            command: (values) =>
              `leadctl api POST /api/clients/${clientId}/suppressions -f channel=${values['channel'] ?? ''} -f ${word(`address=${values['address'] ?? ''}`)}`,
            submit: async (body) => {
              const params = { client_id: clientId };
              bodyOf(
                await gateway.of(integrationContract).call('addSuppression', { params, body }),
              );
              return 'They are written to no more';
            },
          }),
      },
    ];
  },
  actions: (env, { id }) => {
    const { gateway, clientId } = inClient(env);
    return [
      {
        label: 'Lift it',
        severe: true,
        needs: ['DELETE', `${LIST}/{suppression_id}`],
        form: () =>
          confirmation({
            title: 'Let them be written to again?',
            command: `leadctl api DELETE /api/clients/${clientId}/suppressions/${id}`,
            submit: async () => {
              const params = { client_id: clientId, suppression_id: id };
              bodyOf(await gateway.of(integrationContract).call('liftSuppressionById', { params }));
              return 'Lifted';
            },
          }),
      },
    ];
  },
});
