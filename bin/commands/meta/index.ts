import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import { findSource, listSources, type MetaSource, nameOf } from '../../client/meta-sources.ts';
import type { CommandContext } from '../../cli/context.ts';
import { type ClientGateway, connectToClient } from '../../client/scope.ts';
import type { Column } from '../../ui/columns.ts';
import { defineReconcile } from './reconcile.ts';

export const sourceColumns: readonly Column<MetaSource>[] = [
  { header: 'PAGE', value: (row) => row.page_id, keep: true },
  { header: 'FORM', value: (row) => row.form_id ?? 'every other form' },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  {
    header: 'RECONCILED',
    value: ({ reconciled_until: until }) => (until === null ? null : new Date(until)),
  },
  { header: 'ID', value: (row) => row.id, id: true },
];

const sourceView = {
  columns: sourceColumns,
  name: (row: MetaSource) => row.id,
  empty: 'No Meta sources yet. Try: leadctl meta source add PAGE_ID --form FORM_ID',
};

/** A page without its token brings events that wait, and no lead. */
async function noteMissingToken(ctx: CommandContext, gateway: ClientGateway): Promise<void> {
  const params = { client_id: gateway.clientId };
  const found = await gateway.of(integrationContract).call('getIntegrations', { params });
  if (!found.ok || found.body.config.meta.page_access_token !== null) return;
  await ctx.note(
    `${gateway.clientId} has no page token: what Meta sends waits until then. leadctl integration set --page-token-stdin --client ${gateway.clientId}`,
  );
}

const metaId = z.string().regex(/^\d{1,40}$/, 'must be an id of Meta’s: digits only');

/** `leadctl meta source …` and `leadctl meta reconcile`. */
export const defineMeta: DefineCommand = (noun, cli) => {
  const source = noun.command('source').description('Pages and forms whose leads are the client’s');
  defineVerb(source, cli, 'add', {
    summary: 'Map a Meta page, or one form of it, to the client',
    args: [{ name: '<page_id>', help: 'id of the page' }],
    options: [{ flags: '--form <id>', help: 'only this form; it goes before its page' }],
    input: z.object({ pageId: metaId, form: metaId.optional() }),
    examples: ['leadctl meta source add 1234567890 --form 9876543210 --client acme'],
    run: async (ctx, { pageId, form }) => {
      const gateway = await connectToClient(ctx);
      const made = await gateway.of(integrationContract).call('addMetaSource', {
        params: { client_id: gateway.clientId },
        body: { page_id: pageId, ...(form === undefined ? {} : { form_id: form }) },
      });
      await ctx.render({ ...sourceView, item: bodyOf(made) });
      if (made.ok && made.status === 200) await ctx.note('It was mapped already');
      await noteMissingToken(ctx, gateway);
    },
  });
  defineVerb(source, cli, 'ls', {
    summary: 'List the pages and forms of the client',
    input: z.object({}),
    examples: ['leadctl meta source ls --client acme'],
    run: async (ctx) => {
      const rows = await listSources(await connectToClient(ctx));
      await ctx.render({ ...sourceView, rows });
    },
  });
  defineVerb(source, cli, 'rm', {
    summary: 'Undo the mapping of a page or form',
    args: [{ name: '<source>', help: 'id, PAGE or PAGE/FORM', complete: 'sources' }],
    input: z.object({ source: z.string() }),
    examples: ['leadctl meta source rm 1234567890/9876543210 --client acme --yes'],
    run: async (ctx, { source: text }) => {
      const gateway = await connectToClient(ctx);
      const source = await findSource(gateway, text);
      await ctx.confirm({
        question: `Undo the mapping of ${nameOf(source)} to ${gateway.clientId}? What Meta sends for it is kept and waits.`,
      });
      const params = { client_id: gateway.clientId, source_id: source.id };
      bodyOf(await gateway.of(integrationContract).call('removeMetaSourceById', { params }));
      await ctx.note(`${nameOf(source)} is mapped no more`);
    },
  });
  defineReconcile(noun, cli);
};
