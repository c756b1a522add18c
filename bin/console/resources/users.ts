import { type User, userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { userView } from '../../commands/user/view.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { defineResource, sectionLines } from '../resource.ts';
import { MOST } from './most.ts';

export const users = defineResource<User>({
  name: 'users',
  aliases: ['user'],
  title: 'Users',
  summary: 'accounts: create, disable, enable',
  isOfClient: false,
  needs: ['GET', '/api/users'],
  columns: userView.columns,
  id: ({ id }) => id,
  weigh: ({ status }) =>
    status === 'disabled' ? 'bad' : status === 'invited' ? 'warning' : 'usual',
  load: ({ gateway }) =>
    listUpTo((query) => gateway.of(userContract).call('listUsers', { query }), MOST),
  detail: async ({ gateway }, { id }) => {
    const params = { user_id: id };
    const { memberships } = bodyOf(await gateway.of(userContract).call('getUser', { params }));
    return sectionLines('Member of', memberships, (one) => [one.client_id, one.role.name]);
  },
  create: ({ gateway }) => [
    {
      label: 'Create a user',
      needs: ['POST', '/api/users'],
      form: () =>
        formFor({
          title: 'A new user; they choose a password with a one-time link',
          schema: userContract.routes.createUser.body.schema,
          ask: { email: {}, is_admin: { label: 'administrator' } },
          command: (values) =>
            `leadctl user create ${word(values['email'] ?? '')}${values['is_admin'] === 'yes' ? ' --admin' : ''}`,
          submit: async (body) => {
            const made = bodyOf(await gateway.of(userContract).call('createUser', { body }));
            const url = made.invitation?.url;
            return url === undefined
              ? `Created ${made.email}`
              : `Created ${made.email}; send them this link, shown only now:\n${url}`;
          },
        }),
    },
  ],
  actions: ({ gateway }, { id, email, status }) => {
    const to = status === 'disabled' ? 'active' : 'disabled';
    const verb = to === 'active' ? 'enable' : 'disable';
    return [
      {
        label: to === 'active' ? 'Enable' : 'Disable',
        severe: to === 'disabled',
        needs: ['PATCH', '/api/users/{user_id}'],
        form: () =>
          confirmation({
            title: `${to === 'active' ? 'Let in again' : 'Lock out'} ${email}?`,
            ...(to === 'disabled' ? { warning: 'They are logged out everywhere.' } : {}),
            command: `leadctl user ${verb}${option('', email)}`,
            submit: async () => {
              const params = { user_id: id };
              const body = { status: to } as const;
              bodyOf(await gateway.of(userContract).call('updateUser', { params, body }));
              return `${email} is ${to}`;
            },
          }),
      },
    ];
  },
});
