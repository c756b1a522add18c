import * as z from 'zod';
import { hierarchyContract, type TreeNode } from '../../../daemons/hierarchy/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { confirmation, formFor, option, word } from '../form.ts';
import { type Action, defineResource } from '../resource.ts';
import { roleNames } from './role-names.ts';

const { createMember, updateMember } = userContract.routes;
const LIST = '/api/clients/{client_id}/members';
const ONE = `${LIST}/{user_client_id}`;
const NOBODY = 'none';

interface Branch extends TreeNode {
  readonly depthBelow: number;
  /** Everybody in the tree, to choose a manager from. */
  readonly everybody: readonly TreeNode[];
}

export const members = defineResource<Branch>({
  name: 'members',
  aliases: ['member', 'tree'],
  title: 'Members',
  summary: 'who reports to whom: add, move, change roles, invite, remove',
  isOfClient: true,
  kind: 'tree',
  needs: ['GET', '/api/clients/{client_id}/hierarchy'],
  columns: [
    { header: 'MEMBER', value: (row) => row.email, keep: true },
    { header: 'ROLE', value: (row) => row.role.name },
    { header: 'LEVEL', value: (row) => row.role.level, align: 'right' },
    { header: 'REPORTS', value: (row) => row.children.length, align: 'right' },
    { header: 'ID', value: (row) => row.id, id: true },
    { header: 'USER', value: (row) => row.user_id, wide: true },
  ],
  id: ({ id }) => id,
  depth: ({ depthBelow }) => depthBelow,
  load: async (env) => {
    const { gateway, client = '' } = env;
    const params = { client_id: client };
    const tree = bodyOf(await gateway.of(hierarchyContract).call('tree', { params }));
    const flat = tree.roots.flatMap((root) => [...below(root, 0)]);
    const everybody = flat.map(({ node }) => node);
    return {
      items: flat.map(({ node, depth }) => ({ ...node, depthBelow: depth, everybody })),
      more: tree.truncated,
    };
  },
  create: (env) => [adding(env)],
  actions: (env, row) => [
    roleOf(env, row),
    moving(env, row),
    inviting(env, row),
    removing(env, row),
  ],
});

function* below(
  node: TreeNode,
  depth: number,
): Generator<{ readonly node: TreeNode; readonly depth: number }, undefined> {
  yield { node, depth };
  for (const child of node.children) yield* below(child, depth + 1);
  return undefined;
}

function adding(env: ConsoleEnv): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId };
  return {
    label: 'Add a member',
    needs: ['POST', LIST],
    form: async () => {
      const [roles, everybody] = await Promise.all([roleNames(gateway), everyMember(env)]);
      const managers = everybody.map(({ email }) => email);
      const { email, role } = createMember.body.schema.shape;
      return formFor({
        title: `A new member of ${clientId}`,
        schema: z.object({ email, role, reports_to: z.enum(['', ...managers]).optional() }),
        ask: {
          email: { required: true, help: 'an unknown one is invited' },
          role: { required: true, choices: roles },
          reports_to: {
            label: 'reports to',
            choices: managers,
            help: 'you, or nobody, unless told',
          },
        },
        command: (values) =>
          `leadctl member add ${word(values['email'] ?? '')}${option('--role', values['role'])}${option('--reports-to', values['reports_to'])} --client ${clientId}`,
        submit: async ({ reports_to: to, ...typed }) => {
          const manager = everybody.find((one) => one.email === to)?.id;
          const body = {
            ...typed,
            ...(manager === undefined ? {} : { reports_to_user_client_id: manager }),
          };
          const made = bodyOf(
            await gateway.of(userContract).call('createMember', { params, body }),
          );
          const { invitation } = made;
          if (invitation === undefined) return `${made.email} is a member`;
          return invitation.url === undefined
            ? `${made.email} was mailed an invitation`
            : `Invited ${made.email}; send them this link, shown only now:\n${invitation.url}`;
        },
      });
    },
  };
}

async function everyMember(env: ConsoleEnv): Promise<TreeNode[]> {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId };
  const tree = bodyOf(await gateway.of(hierarchyContract).call('tree', { params }));
  return tree.roots.flatMap((root) => [...below(root, 0)]).map(({ node }) => node);
}

function roleOf(env: ConsoleEnv, { id, email, role }: Branch): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Give another role',
    needs: ['PATCH', ONE],
    form: async () =>
      formFor({
        title: `The role of ${email}`,
        schema: updateMember.body.schema,
        ask: { role: { required: true, initial: role.name, choices: await roleNames(gateway) } },
        command: (values) =>
          `leadctl member set ${email}${option('--role', values['role'])} --client ${clientId}`,
        submit: async (body) => {
          const params = { client_id: clientId, user_client_id: id };
          const changed = bodyOf(
            await gateway.of(userContract).call('updateMember', { params, body }),
          );
          return `${email} is ${changed.role.name}`;
        },
      }),
  };
}

function moving(
  env: ConsoleEnv,
  { id, email, everybody, reports_to_user_client_id }: Branch,
): Action {
  const { gateway, clientId } = inClient(env);
  const others = everybody.filter((one) => one.id !== id);
  const now = everybody.find((one) => one.id === reports_to_user_client_id)?.email ?? NOBODY;
  return {
    label: 'Move in the tree',
    needs: ['PATCH', ONE],
    form: () =>
      formFor({
        title: `Put ${email} below another manager; their reports move along`,
        schema: z.object({ to: z.enum([NOBODY, ...others.map((one) => one.email)]) }),
        ask: { to: { label: 'reports to', initial: now, help: 'none puts them at the top' } },
        command: (values) =>
          `leadctl member move ${email}${option('--to', values['to'])} --client ${clientId}`,
        submit: async ({ to }) => {
          const manager = others.find((one) => one.email === to)?.id ?? null;
          const params = { client_id: clientId, user_client_id: id };
          const body = { reports_to_user_client_id: manager };
          bodyOf(await gateway.of(userContract).call('updateMember', { params, body }));
          return `${email} reports to ${to === NOBODY ? 'nobody' : to}`;
        },
      }),
  };
}

function inviting(env: ConsoleEnv, { id, email }: Branch): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Make a new invitation link',
    needs: ['POST', `${ONE}/invitation`],
    form: () =>
      confirmation({
        title: `A new link for ${email}? The earlier one stops working.`,
        command: `leadctl member invite ${email} --client ${clientId}`,
        submit: async () => {
          const params = { client_id: clientId, user_client_id: id };
          const made = bodyOf(await gateway.of(userContract).call('inviteMember', { params }));
          return made.url === undefined
            ? `Mailed to ${email}`
            : `Send ${email} this link, shown only now:\n${made.url}`;
        },
      }),
  };
}

function removing(env: ConsoleEnv, { id, email, role }: Branch): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Remove',
    severe: true,
    needs: ['DELETE', ONE],
    form: () =>
      confirmation({
        title: `Remove ${email} (${role.name}) from ${clientId}?`,
        warning: 'Their reports and leads pass to their manager.',
        command: `leadctl member rm ${email} --client ${clientId}`,
        submit: async () => {
          const params = { client_id: clientId, user_client_id: id };
          bodyOf(await gateway.of(userContract).call('removeMember', { params }));
          return `Removed ${email}`;
        },
      }),
  };
}
