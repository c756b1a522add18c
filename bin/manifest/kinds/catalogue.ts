import * as z from 'zod';
import { productContract } from '../../../daemons/product/contract.ts';
import { listEvery } from '../../client/paging.ts';
import type { State } from '../thing.ts';
import { namesOf, nameKey, showPath } from '../names.ts';
import { ref, type Found, type Ref, type Wanted } from '../thing.ts';
import { gone, made } from './answers.ts';
import { platformPart, type Kind } from './kind.ts';

const LEVELS = ['industry', 'category', 'product'] as const;
export const { name: catalogueName } = productContract.routes.createIndustry.body.schema.shape;

/** An industry, a category or a product, by how many names lead to it. */
export function catalogueRef(path: readonly string[]): Ref<null> {
  return ref(LEVELS[path.length - 1] ?? 'product', null, nameKey(path));
}

/** What a path names, and all above it. */
export function catalogueThings(path: readonly string[]): Wanted[] {
  return path.map((_, at) => thingAt(path.slice(0, at + 1)));
}

function thingAt(path: readonly string[]): Wanted {
  const name = path.at(-1) ?? '';
  const parent = catalogueRef(path.slice(0, -1));
  return {
    ...catalogueRef(path),
    name: showPath(path),
    fields: {},
    unique: false,
    needs: path.length === 1 ? [] : [parent],
    make: ({ api: { products }, idOf }) => {
      if (path.length === 1) return made(products.call('createIndustry', { body: { name } }));
      const id = idOf(parent);
      return path.length === 2
        ? made(products.call('createCategory', { body: { name, industry_id: id } }))
        : made(products.call('createProduct', { body: { name, category_id: id } }));
    },
  };
}

function found(parent: Found | undefined, name: string): Omit<Found, 'id' | 'remove'> {
  const path = [...(parent ? namesOf(parent.identity) : []), name];
  return {
    ...catalogueRef(path),
    name: showPath(path),
    fields: {},
    needs: parent ? [parent] : [],
  };
}

const withId = (list: readonly Found[], wanted: string) => list.find(({ id }) => id === wanted);

const industry: Kind<null> = {
  name: 'industry',
  staysWhileNeeded: true,
  async read({ api: { products } }) {
    const all = await listEvery((query) => products.call('listIndustries', { query }));
    return all.map(({ id, name }) => ({
      ...found(undefined, name),
      id,
      remove: () => gone(products.call('deleteIndustry', { params: { industry_id: id } })),
    }));
  },
};

const category: Kind<null> = {
  name: 'category',
  staysWhileNeeded: true,
  async read({ api: { products }, list }) {
    const [parents, all] = await Promise.all([
      list('industry'),
      listEvery((query) => products.call('listCategories', { query })),
    ]);
    return all.map(({ id, name, industry_id }) => ({
      ...found(withId(parents, industry_id), name),
      id,
      remove: () => gone(products.call('deleteCategory', { params: { category_id: id } })),
    }));
  },
};

const product: Kind<null> = {
  name: 'product',
  staysWhileNeeded: true,
  async read({ api: { products }, list }) {
    const [parents, all] = await Promise.all([
      list('category'),
      listEvery((query) => products.call('listProducts', { query })),
    ]);
    return all.map(({ id, name, category_id }) => ({
      ...found(withId(parents, category_id), name),
      id,
      remove: () => gone(products.call('deleteProduct', { params: { product_id: id } })),
    }));
  },
};

/** `industries` with their categories and products. */
export const industries = platformPart({
  field: 'industries',
  item: z.strictObject({
    name: catalogueName,
    categories: z
      .array(z.strictObject({ name: catalogueName, products: z.array(catalogueName).default([]) }))
      .default([]),
  }),
  kinds: [industry, category, product],
  things: ({ name, categories }) => [
    ...catalogueThings([name]),
    ...categories.flatMap((one) => [
      ...catalogueThings([name, one.name]),
      ...one.products.flatMap((last) => catalogueThings([name, one.name, last])),
    ]),
  ],
  compose: composeCatalogue,
});

function composeCatalogue(state: State): unknown[] {
  const pathsOf = (kind: string): string[][] =>
    state.all(kind, null).map(({ identity }) => namesOf(identity));
  const products = Map.groupBy(pathsOf('product'), (path) => nameKey(path.slice(0, 2)));
  const categories = Map.groupBy(pathsOf('category'), ([first = '']) => first);
  return pathsOf('industry').map(([name = '']) => {
    const inside = (categories.get(name) ?? []).map((path) => ({
      name: path.at(-1),
      products: (products.get(nameKey(path)) ?? []).map((full) => full.at(-1)),
    }));
    return { name, ...(inside.length === 0 ? {} : { categories: inside }) };
  });
}
