import { type MachineToken, permissionContract } from '../../../daemons/permission/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { tokenView } from '../../commands/token/view.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';
import { roleNames } from './role-names.ts';

export const tokens = defineResource<MachineToken>({
  name: 'tokens',
  aliases: ['token'],
  title: 'Machine tokens',
  summary: 'what CI and scripts log in with: create, revoke',
  isOfClient: false,
  needs: ['GET', '/api/tokens'],
  columns: tokenView(new Date()).columns.filter(({ header }) => header !== 'STATE'),
  id: ({ id }) => id,
  weigh: ({ revoked_at: at }) => (at === null ? 'usual' : 'bad'),
  load: ({ gateway }) =>
    listUpTo((query) => gateway.of(permissionContract).call('listTokens', { query }), MOST),
  create: ({ gateway, client }) => [
    {
      label:
        client === undefined ? 'Create an administrator’s token' : `Create a token of ${client}`,
      needs: ['POST', '/api/tokens'],
      form: async () =>
        formFor({
          title: 'A new machine token; its value is shown once',
          schema: permissionContract.routes.createToken.body.schema,
          ask: {
            name: { help: 'what uses it, e.g. ci' },
            ...(client === undefined
              ? {}
              : { role: { required: true, choices: await roleNames(gateway) } }),
          },
          command: (values) =>
            `leadctl token create ${word(values['name'] ?? '')}${client === undefined ? ' --admin' : option('--role', values['role'])}${option('--client', client)}`,
          submit: async (typed) => {
            const body = client === undefined ? typed : { ...typed, client_id: client };
            const made = bodyOf(await gateway.of(permissionContract).call('createToken', { body }));
            return `Made ${made.name}; keep it now, it cannot be shown again:\n${made.token}`;
          },
        }),
    },
  ],
  actions: ({ gateway }, { id, name, revoked_at }) =>
    revoked_at !== null
      ? []
      : [
          {
            label: 'Revoke',
            severe: true,
            needs: ['DELETE', '/api/tokens/{token_id}'],
            form: () =>
              confirmation({
                title: `Revoke the token ${name}?`,
                warning: 'What uses it is refused at once.',
                command: `leadctl token revoke ${id}`,
                submit: async () => {
                  const params = { token_id: id };
                  bodyOf(await gateway.of(permissionContract).call('revokeToken', { params }));
                  return `Revoked ${name}`;
                },
              }),
          },
        ],
});
