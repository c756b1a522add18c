import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { type Lead, leadContract } from '../../../daemons/lead/contract.ts';
import { userContract } from '../../../daemons/user/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { listUpTo } from '../../client/paging.ts';
import { detailText, leadView, timelineView } from '../../commands/lead/view.ts';
import { maskText } from '../../ui/mask.ts';
import { type ConsoleEnv, inClient } from '../env.ts';
import { formFor, option, word } from '../form.ts';
import { type Action, defineResource, type DetailLine, sectionLines } from '../resource.ts';
import { MOST } from './most.ts';

const { createLead, updateLead } = leadContract.routes;
const LIST = '/api/clients/{client_id}/leads';
const ONE = `${LIST}/{lead_id}`;
const NOBODY = 'none';

export const leads = defineResource<Lead>({
  name: 'leads',
  aliases: ['lead'],
  title: 'Leads',
  summary: 'the newest: assign, set the status, correct, erase; Enter tells the story',
  isOfClient: true,
  isLive: true,
  needs: ['GET', LIST],
  columns: leadView.columns,
  mask: leadView.mask,
  id: ({ id }) => id,
  weigh: ({ status }) => (status === 'won' ? 'good' : status === 'spam' ? 'warning' : 'usual'),
  load: (env) => {
    const { gateway, clientId } = inClient(env);
    const params = { client_id: clientId };
    return listUpTo((query) => gateway.of(leadContract).call('listLeads', { params, query }), MOST);
  },
  detail: story,
  create: (env) => [entering(env)],
  actions: (env, row) => [
    setting(env, row),
    assigning(env, row),
    correcting(env, row),
    erasing(env, row),
  ],
});

/** Its deliveries and all that happened to it. */
async function story(env: ConsoleEnv, { id }: Lead): Promise<DetailLine[]> {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, lead_id: id };
  const query = { lead_id: id, limit: 50 };
  const [deliveries, timeline] = await Promise.all([
    gateway.of(integrationContract).call('listDeliveries', { params, query }),
    gateway.of(leadContract).call('leadTimeline', { params }).then(bodyOf),
  ]);
  const told = env.reveal ? timeline : timeline.map(timelineView.mask);
  return [
    ...sectionLines('Deliveries', deliveries.ok ? deliveries.body.data : [], (one) => [
      one.integration,
      [one.status, one.last_error?.code, maskText(one.last_error?.message ?? '')]
        .filter(Boolean)
        .join('  '),
    ]),
    ...sectionLines('Timeline', told, ({ at, kind, detail }) => [
      at.slice(0, 19).replace('T', ' '),
      `${kind}  ${detailText(detail)}`,
    ]),
  ];
}

function entering(env: ConsoleEnv): Action {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId };
  return {
    label: 'Enter a lead by hand',
    needs: ['POST', LIST],
    form: () =>
      formFor({
        title: `A new lead of ${clientId}`,
        schema: createLead.body.schema,
        ask: {
          name: {},
          email: {},
          phone: {},
          source: {},
          lead_reference_id: { label: 'reference' },
        },
        command: (values) =>
          `leadctl api POST /api/clients/${clientId}/leads${['name', 'email', 'phone', 'source']
            .filter((name) => values[name])
            .map((name) => ` -f ${word(`${name}=${values[name] ?? ''}`)}`)
            .join('')}`,
        submit: async (body) => {
          const made = bodyOf(await gateway.of(leadContract).call('createLead', { params, body }));
          return `Entered ${made.id}`;
        },
      }),
  };
}

function setting(env: ConsoleEnv, { id, status }: Lead): Action {
  return {
    label: 'Set the status',
    needs: ['PATCH', ONE],
    form: () =>
      formFor({
        title: `The status of ${id}`,
        schema: updateLead.body.schema,
        ask: { status: { required: true, initial: status } },
        command: (values) => `${command(env, 'set', id)}${option('--status', values['status'])}`,
        submit: async (body) => `It is ${(await update(env, id, body)).status}`,
      }),
  };
}

function correcting(env: ConsoleEnv, { id, ...lead }: Lead): Action {
  // A masked value must not be sent back: what is typed is meant, what is left empty stays.
  const shown = (value: string | null): string | null => (env.reveal ? value : null);
  return {
    label: 'Correct name, e-mail or phone',
    needs: ['PATCH', ONE],
    form: () =>
      formFor({
        title: `Correct ${id}; what was there stays in its timeline`,
        schema: updateLead.body.schema,
        ask: {
          name: { initial: shown(lead.name) },
          email: { initial: shown(lead.email) },
          phone: { initial: shown(lead.phone) },
        },
        command: (values) =>
          `${command(env, 'set', id)}${option('--name', values['name'])}${option('--email', values['email'])}${option('--phone', values['phone'])}`,
        submit: async (body) => {
          await update(env, id, body);
          return `Corrected ${id}`;
        },
      }),
  };
}

function assigning(env: ConsoleEnv, { id }: Lead): Action {
  const { gateway, clientId } = inClient(env);
  return {
    label: 'Assign',
    needs: ['PATCH', ONE],
    form: async () => {
      const params = { client_id: clientId };
      const { items } = await listUpTo(
        (query) => gateway.of(userContract).call('listMembers', { params, query }),
        MOST,
      );
      return formFor({
        title: `Who works on ${id}`,
        schema: z.object({ to: z.enum([NOBODY, ...items.map(({ email }) => email)]) }),
        ask: { to: { label: 'member' } },
        command: (values) => `${command(env, 'assign', id)} ${word(values['to'] ?? '')}`,
        submit: async ({ to }) => {
          const member = items.find(({ email }) => email === to)?.id ?? null;
          await update(env, id, { assigned_to_user_client_id: member });
          return `Assigned to ${to}`;
        },
      });
    },
  };
}

function erasing(env: ConsoleEnv, { id }: Lead): Action {
  const { gateway, clientId } = inClient(env);
  const end = id.slice(-6);
  return {
    label: 'Erase the personal data for good',
    severe: true,
    needs: ['DELETE', ONE],
    form: () =>
      formFor({
        title: `Erase ${id}`,
        warning: 'Name, e-mail, phone and everything that was sent are gone for good.',
        schema: z.object({ end: z.literal(end, `type ${end}`) }),
        ask: { end: { label: `type ${end}`, initial: '', choices: [] } },
        command: () => command(env, 'erase', id),
        submit: async () => {
          const params = { client_id: clientId, lead_id: id };
          bodyOf(await gateway.of(leadContract).call('eraseLead', { params }));
          return `Erased ${id}`;
        },
      }),
  };
}

function command(env: ConsoleEnv, verb: string, id: string): string {
  return `leadctl lead ${verb} ${id} --client ${inClient(env).clientId}`;
}

async function update(env: ConsoleEnv, id: string, body: z.input<typeof updateLead.body.schema>) {
  const { gateway, clientId } = inClient(env);
  const params = { client_id: clientId, lead_id: id };
  return bodyOf(await gateway.of(leadContract).call('updateLead', { params, body }));
}
