import * as z from 'zod';
import { CLIENT_STATUSES, clientContract } from '../../../daemons/client/contract.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { allOption, ifNotExistsOption, limitOf, limitOption, listInput } from '../../cli/specs.ts';
import { connect } from '../../client/gateway.ts';
import { listUpTo } from '../../client/paging.ts';
import { noteMore } from '../shared/list-note.ts';
import { defineClientDescribe } from './describe.ts';
import { clientView } from './view.ts';

const idArgument = { name: '<client_id>', help: 'the client', complete: 'clients' } as const;
const named = z.object({ clientId: clientIdSchema });
const nameOption = { flags: '--name <name>', help: 'for people to read' };
const countryOption = {
  flags: '--default-country <country>',
  help: 'two letters: where phone numbers without a country code are from',
};

/** `leadctl client …`. */
export const defineClient: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary: 'Create a client under the id you choose for it',
    args: [{ name: '[client_id]', help: 'a–z, 0–9, "_" and "-"; never changes' }],
    guided: [
      { name: 'clientId', ask: 'Id of the client (a–z, 0–9, _ and -)', required: true },
      { name: 'name', ask: 'Name, for people to read' },
      { name: 'defaultCountry', ask: 'Country of its phone numbers, two letters' },
    ],
    options: [nameOption, countryOption, ifNotExistsOption],
    input: named.extend({
      name: z.string().optional(),
      defaultCountry: z.string().optional(),
      ifNotExists: z.boolean().default(false),
    }),
    examples: [
      'leadctl client create acme --name Acme --default-country DE',
      'leadctl client create acme --if-not-exists -o name',
    ],
    run: async (ctx, { clientId, name = clientId, defaultCountry, ifNotExists }) => {
      const clients = (await connect(ctx)).of(clientContract);
      const made = await clients.call('createClient', {
        body: { client_id: clientId, name, default_country: defaultCountry ?? null },
      });
      if (ifNotExists && !made.ok && made.problem.code === 'client_exists') {
        await show(ctx, clientId);
        await ctx.note(`'${clientId}' exists already and is left as it is`);
        return;
      }
      await ctx.render({ ...clientView, item: bodyOf(made) });
    },
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List the clients that you may see',
    options: [
      { flags: '--status <status>', help: 'only these', choices: CLIENT_STATUSES },
      limitOption,
      allOption,
    ],
    input: z.object({ status: z.enum(CLIENT_STATUSES).optional(), ...listInput(1_000) }),
    examples: ['leadctl client ls', 'leadctl client ls --status suspended -o name'],
    run: async (ctx, { status, ...input }) => {
      const clients = (await connect(ctx)).of(clientContract);
      const found = await listUpTo(
        (page) => clients.call('listClients', { query: { ...page, status } }),
        limitOf(input),
      );
      await ctx.render({ ...clientView, rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineVerb(noun, cli, 'get', {
    summary: 'Show a client',
    args: [idArgument],
    input: named,
    examples: ['leadctl client get acme', 'leadctl client get acme -o yaml'],
    run: (ctx, { clientId }) => show(ctx, clientId),
  });
  defineClientDescribe(noun, cli);
  defineVerb(noun, cli, 'update', {
    summary: 'Rename a client or change its country',
    args: [idArgument],
    options: [nameOption, countryOption],
    input: named.extend({ name: z.string().optional(), defaultCountry: z.string().optional() }),
    examples: ['leadctl client update acme --name "Acme Corporation"'],
    run: async (ctx, { clientId, name, defaultCountry }) => {
      const body = {
        ...(name === undefined ? {} : { name }),
        ...(defaultCountry === undefined ? {} : { default_country: defaultCountry || null }),
      };
      await update(ctx, clientId, body);
    },
  });
  defineStatusVerbs(noun, cli);
};

const defineStatusVerbs: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'suspend', {
    summary: 'Stop a client: no ingestion, no access for its members; nothing is deleted',
    args: [idArgument],
    input: named,
    examples: ['leadctl client suspend acme --yes'],
    run: async (ctx, { clientId }) => {
      await ctx.confirm({
        question: `Suspend ${clientId}? Its forms and members are refused at once.`,
      });
      await update(ctx, clientId, { status: 'suspended' });
    },
  });
  defineVerb(noun, cli, 'activate', {
    summary: 'Open a suspended or archived client again',
    args: [idArgument],
    input: named,
    examples: ['leadctl client activate acme'],
    run: (ctx, { clientId }) => update(ctx, clientId, { status: 'active' }),
  });
  defineVerb(noun, cli, 'archive', {
    summary: 'Archive a client for good: it stops at once, nothing is deleted',
    args: [idArgument],
    input: named,
    examples: ['leadctl client archive acme --yes'],
    run: async (ctx, { clientId }) => {
      const clients = (await connect(ctx)).of(clientContract);
      const { name, status } = bodyOf(
        await clients.call('getClient', { params: { client_id: clientId } }),
      );
      await ctx.confirm({
        question: `Archive ${clientId} ("${name}", ${status})? Its forms and members are refused at once.`,
        typed: clientId,
      });
      bodyOf(await clients.call('archiveClient', { params: { client_id: clientId } }));
      await show(ctx, clientId);
    },
  });
};

interface ClientChange {
  readonly name?: string;
  readonly default_country?: string | null;
  readonly status?: (typeof CLIENT_STATUSES)[number];
}

async function update(ctx: CommandContext, clientId: string, body: ClientChange): Promise<void> {
  const clients = (await connect(ctx)).of(clientContract);
  const changed = await clients.call('updateClient', { params: { client_id: clientId }, body });
  await ctx.render({ ...clientView, item: bodyOf(changed) });
}

async function show(ctx: CommandContext, clientId: string): Promise<void> {
  const clients = (await connect(ctx)).of(clientContract);
  const found = await clients.call('getClient', { params: { client_id: clientId } });
  await ctx.render({ ...clientView, item: bodyOf(found) });
}
