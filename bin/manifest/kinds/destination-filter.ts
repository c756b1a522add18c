import * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import type { State } from '../thing.ts';
import { namesOf } from '../names.ts';
import type { Ref, RunContext } from '../thing.ts';
import { catalogueName, catalogueRef } from './catalogue.ts';

const { filter } = integrationContract.routes.createDestination.body.schema.shape;
const onWire = filter.unwrap().unwrap();
type WireFilter = z.output<typeof onWire>;

const product = z.strictObject({
  industry: catalogueName,
  category: catalogueName,
  product: catalogueName,
});

const productId = z.uuid({ error: 'must be { industry, category, product }, or the id of one' });

/** As the API has it, but products by their names. */
export const filterShape = onWire
  .extend({
    products: z
      .array(z.union([product, productId]))
      .min(1)
      .optional(),
  })
  .describe('Only these leads; it is compared as a whole, null is for every lead');
export type Filter = z.output<typeof filterShape>;

/** The products that a filter names. */
export function pathsOf(given: Filter | null | undefined): readonly (readonly string[])[] {
  return (given?.products ?? []).flatMap((one) => (typeof one === 'string' ? [] : [pathOf(one)]));
}

const pathOf = (one: z.output<typeof product>): readonly string[] => [
  one.industry,
  one.category,
  one.product,
];

/** With the ids of its products. */
export function toWire(given: Filter | null, idOf: RunContext['idOf']): WireFilter {
  const { products, ...rest } = given ?? {};
  return {
    ...rest,
    ...(products === undefined
      ? {}
      : {
          products: products.map((one) =>
            typeof one === 'string' ? one : idOf(catalogueRef(pathOf(one))),
          ),
        }),
  };
}

/** From the API: its products by the names that the catalogue has for them, else by their ids. */
export function named(given: unknown, state: State): unknown {
  const parsed = onWire.safeParse(given);
  if (!parsed.success || parsed.data.products === undefined) return given;
  const byId = new Map<string | undefined, Ref>(
    state.all('product', null).map((one) => [one.id, one]),
  );
  const products = parsed.data.products.map((id) => {
    const known = byId.get(id);
    if (known === undefined) return id;
    const [industry, category, name] = namesOf(known.identity);
    return { industry, category, product: name };
  });
  return { ...parsed.data, products };
}

/** Equal for two filters that take the same leads; null for every lead. */
export function comparableFilter(given: unknown): unknown {
  if (given === null || given === undefined) return null;
  const parts = Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (parts.length === 0) return null;
  return Object.fromEntries(parts.map(([part, value]) => [part, inOrder(value)]));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return [...new Set(value.map((one) => JSON.stringify(one)))]
      .toSorted()
      .map((one): unknown => JSON.parse(one));
  }
  return Object.fromEntries(Object.entries(Object(value)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
