import * as z from 'zod';
import type { DefineCommand } from '../../cli/command.ts';
import { defineVerb } from '../../cli/command.ts';
import { CliError, usageError } from '../../cli/failure.ts';
import { gatewayUrl } from '../../config/settings.ts';
import type { Config } from '../../config/schemas.ts';
import type { ConfigStore } from '../../config/store.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Column } from '../../ui/columns.ts';
import type { View } from '../../ui/render.ts';

interface ContextRow {
  readonly name: string;
  readonly current: boolean;
  readonly url: string;
  readonly client: string | null;
}

const columns: readonly Column<ContextRow>[] = [
  { header: 'CURRENT', value: (row) => (row.current ? '*' : '') },
  { header: 'NAME', value: (row) => row.name, keep: true },
  { header: 'URL', value: (row) => row.url },
  { header: 'CLIENT', value: (row) => row.client },
];

const view = {
  columns,
  name: (row: ContextRow) => row.name,
  empty: 'No contexts yet. Try: leadctl context set local --url http://127.0.0.1:8000',
};

const nameArgument = { name: '<name>', help: 'name of the context', complete: 'contexts' } as const;
const contextName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots, dashes, up to 64');
const named = z.object({ name: contextName });

export const defineContext: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'ls', {
    summary: 'List the contexts',
    input: z.object({}),
    examples: ['leadctl context ls', 'leadctl context ls -o name'],
    run: async (ctx) => ctx.render({ ...view, rows: rowsOf(await ctx.store.config.read()) }),
  });
  defineVerb(noun, cli, 'current', {
    summary: 'Show the context in use',
    input: z.object({}),
    examples: ['leadctl context current -o name'],
    run: async (ctx) => ctx.render(single(currentOf(await ctx.store.config.read()))),
  });
  defineVerb(noun, cli, 'use', {
    summary: 'Use this context from now on',
    args: [nameArgument],
    input: named,
    examples: ['leadctl context use prod'],
    run: async (ctx, { name }) => {
      await useContext(ctx.store, name);
      await ctx.note(`Now using '${name}'`);
    },
  });
  defineVerb(noun, cli, 'set', {
    summary: 'Create or change a context, with --url and --client',
    args: [nameArgument],
    input: named,
    examples: [
      'leadctl context set local --url http://127.0.0.1:8000',
      'leadctl context set prod --url https://leads.example --client acme',
    ],
    run: async (ctx, { name }) => {
      const { url, client } = ctx.flags;
      await ctx.render(single(await setContext(ctx.store, { name, url, client })));
    },
  });
  defineVerb(noun, cli, 'rm', {
    summary: 'Remove a context and its login',
    args: [nameArgument],
    input: named,
    examples: ['leadctl context rm staging --yes'],
    run: async (ctx, { name }) => {
      requireContext(await ctx.store.config.read(), name);
      await ctx.confirm({ question: `Remove the context '${name}' and its login?` });
      await removeContext(ctx.store, name);
      await ctx.note(`Removed '${name}'`);
    },
  });
};

function single(item: ContextRow): View<ContextRow> {
  return { ...view, item };
}

function rowsOf(config: Config): ContextRow[] {
  return Object.keys(config.contexts)
    .sort()
    .map((name) => requireContext(config, name));
}

function currentOf(config: Config): ContextRow {
  if (config.current !== undefined) return requireContext(config, config.current);
  throw new CliError('No context is in use', {
    exitCode: exitCodes.notFound,
    code: 'context_not_found',
    next: 'leadctl context use NAME',
  });
}

function requireContext(config: Config, name: string): ContextRow {
  const context = Object.hasOwn(config.contexts, name) ? config.contexts[name] : undefined;
  if (context !== undefined) {
    const { url, client = null } = context;
    return { name, current: config.current === name, url, client };
  }
  throw new CliError(`There is no context '${name}'`, {
    exitCode: exitCodes.notFound,
    code: 'context_not_found',
    next: 'leadctl context ls',
  });
}

async function useContext(store: ConfigStore, name: string): Promise<void> {
  await store.config.update((config) => {
    requireContext(config, name);
    return { ...config, current: name };
  });
}

interface ContextChange {
  readonly name: string;
  readonly url: string | undefined;
  readonly client: string | undefined;
}

/** What is not given stays as it was; the first context made is the one in use. */
async function setContext(store: ConfigStore, change: ContextChange): Promise<ContextRow> {
  const { name } = change;
  const config = await store.config.update((config) => {
    const before = config.contexts[name];
    const url = change.url ?? before?.url;
    if (url === undefined) {
      throw usageError(
        `The context '${name}' is new and needs --url`,
        `leadctl context set ${name} --url URL`,
      );
    }
    const client = change.client ?? before?.client;
    const context = { url: gatewayUrl(url), ...(client === undefined ? {} : { client }) };
    const contexts = { ...config.contexts, [name]: context };
    return { ...config, current: config.current ?? name, contexts };
  });
  return requireContext(config, name);
}

async function removeContext(store: ConfigStore, name: string): Promise<void> {
  await store.config.update((config) => {
    const { current, contexts } = config;
    const rest = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name));
    return { contexts: rest, ...(current === undefined || current === name ? {} : { current }) };
  });
  await store.credentials.update(({ logins }) => ({
    logins: Object.fromEntries(
      Object.entries(logins).filter(([key]) => !key.startsWith(`${name} `)),
    ),
  }));
}
