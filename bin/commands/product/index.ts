import * as z from 'zod';
import { type ClientProduct, productContract } from '../../../daemons/product/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { findInCatalogue } from '../../client/catalogue.ts';
import { listAll } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import type { Column } from '../../ui/columns.ts';
import { defineLevel } from '../catalogue/index.ts';

export const offeredColumns: readonly Column<ClientProduct>[] = [
  { header: 'PRODUCT', value: pathOf, keep: true },
  { header: 'ENABLED', value: (row) => row.enabled },
  { header: 'ATTACHED', value: (row) => new Date(row.attached_at) },
  { header: 'CLIENT', value: (row) => row.client_id, wide: true },
  { header: 'ID', value: (row) => row.product_id, id: true, wide: true },
];

const offeredView = {
  columns: offeredColumns,
  name: pathOf,
  empty: 'The client offers no product. Try: leadctl product attach Auto/SUV/Roadster',
};

const productArgument = {
  name: '<product>',
  help: 'path or id, e.g. Auto/SUV/Roadster',
  complete: 'products',
} as const;
const named = z.object({ product: z.string() });

/** `leadctl product …`: the catalogue's products, and which of them a client offers. */
export const defineProduct: DefineCommand = (noun, cli) => {
  defineLevel('product', noun, cli, { listOfClient: listOffered });
  defineVerb(noun, cli, 'offered', {
    summary: 'List the products that a client offers',
    input: z.object({}),
    examples: ['leadctl product offered --client acme'],
    run: (ctx) => listOffered(ctx),
  });
  defineSwitch(noun, cli, 'attach', 'Let a client offer a product', true);
  defineSwitch(noun, cli, 'enable', 'Switch a product of a client on', true);
  defineSwitch(noun, cli, 'disable', 'Switch a product of a client off; nothing is deleted', false);
  defineVerb(noun, cli, 'detach', {
    summary: 'Take a product from a client, unless leads are about it',
    args: [productArgument],
    input: named,
    examples: ['leadctl product detach Auto/SUV/Roadster --client acme --yes'],
    run: detach,
  });
};

/** What a client offers, of the category that `inside` names or of all. */
async function listOffered(ctx: CommandContext, inside?: string): Promise<void> {
  const gateway = await connectToClient(ctx);
  const products = gateway.of(productContract);
  const params = { client_id: gateway.clientId };
  const rows: ClientProduct[] = [];
  const ask = (query: { limit: number; cursor: string | undefined }) =>
    products.call('listClientProducts', { params, query });
  for await (const product of listAll(ask)) {
    if (inside === undefined || pathOf(product).startsWith(`${inside}/`)) rows.push(product);
  }
  await ctx.render({ ...offeredView, rows });
}

function defineSwitch(
  noun: Parameters<DefineCommand>[0],
  cli: Parameters<DefineCommand>[1],
  verb: string,
  summary: string,
  enabled: boolean,
): void {
  defineVerb(noun, cli, verb, {
    summary,
    args: [productArgument],
    input: named,
    examples: [`leadctl product ${verb} Auto/SUV/Roadster --client acme`],
    run: async (ctx, { product }) => {
      const gateway = await connectToClient(ctx);
      const { id } = await findInCatalogue(gateway, 'product', product);
      const changed = await gateway.of(productContract).call('putClientProduct', {
        params: { client_id: gateway.clientId, product_id: id },
        body: { enabled },
      });
      await ctx.render({ ...offeredView, item: bodyOf(changed) });
    },
  });
}

async function detach(
  ctx: CommandContext,
  { product }: { readonly product: string },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const { id, path } = await findInCatalogue(gateway, 'product', product);
  await ctx.confirm({ question: `Take '${path}' from ${gateway.clientId}?` });
  const params = { client_id: gateway.clientId, product_id: id };
  bodyOf(await gateway.of(productContract).call('detachClientProduct', { params }));
  await ctx.note(`${gateway.clientId} no longer offers '${path}'`);
}

export function pathOf({ industry, category, product }: ClientProduct): string {
  return `${industry}/${category}/${product}`;
}
