import { productContract } from '../../../daemons/product/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import type { Gateway } from '../../client/gateway.ts';
import { listUpTo } from '../../client/paging.ts';
import type { ConsoleEnv } from '../env.ts';
import { confirmation, formFor, word } from '../form.ts';
import { type Action, defineResource } from '../resource.ts';
import { MOST } from './most.ts';

type Level = 'industry' | 'category' | 'product';

interface Node {
  readonly id: string;
  readonly level: Level;
  readonly name: string;
  readonly path: string;
}

const DEPTHS = { industry: 0, category: 1, product: 2 } as const;
const PATHS = {
  industry: '/api/industries',
  category: '/api/categories',
  product: '/api/products',
};
const CHILDREN = { industry: 'category', category: 'product', product: undefined } as const;

export const catalogue = defineResource<Node>({
  name: 'catalogue',
  aliases: ['industries', 'categories'],
  title: 'Catalogue',
  summary: 'industries, their categories, their products: create, attach, delete',
  isOfClient: false,
  kind: 'tree',
  needs: ['GET', '/api/industries'],
  columns: [
    { header: 'NAME', value: (row) => row.name, keep: true },
    { header: 'LEVEL', value: (row) => row.level },
    { header: 'ID', value: (row) => row.id, id: true },
    { header: 'PATH', value: (row) => row.path, wide: true },
  ],
  id: ({ id }) => id,
  depth: ({ level }) => DEPTHS[level],
  load: async ({ gateway }) => readTree(gateway),
  create: (env) => [creating(env, 'industry', undefined)],
  actions: (env, row) => {
    const child = CHILDREN[row.level];
    return [
      ...(child === undefined ? [] : [creating(env, child, row)]),
      ...(row.level === 'product' && env.client !== undefined ? [attaching(env, row)] : []),
      removing(env, row),
    ];
  },
});

async function readTree(gateway: Gateway) {
  const api = gateway.of(productContract);
  const [industries, categories, products] = await Promise.all([
    listUpTo((query) => api.call('listIndustries', { query }), MOST),
    listUpTo((query) => api.call('listCategories', { query }), MOST),
    listUpTo((query) => api.call('listProducts', { query }), MOST),
  ]);
  const items = industries.items.flatMap((industry): Node[] => [
    { ...industry, level: 'industry', path: industry.name },
    ...categories.items
      .filter(({ industry_id }) => industry_id === industry.id)
      .flatMap((category): Node[] => {
        const path = `${industry.name}/${category.name}`;
        return [
          { ...category, level: 'category', path },
          ...products.items
            .filter(({ category_id }) => category_id === category.id)
            .map((one): Node => ({ ...one, level: 'product', path: `${path}/${one.name}` })),
        ];
      }),
  ]);
  return { items, more: industries.more || categories.more || products.more };
}

function creating({ gateway }: ConsoleEnv, level: Level, parent: Node | undefined): Action {
  const api = gateway.of(productContract);
  const prefix = parent === undefined ? '' : `${parent.path}/`;
  return {
    label: `Create ${level === 'industry' ? 'an industry' : `a ${level} in ${parent?.name ?? ''}`}`,
    needs: ['POST', PATHS[level]],
    form: () =>
      formFor({
        title: `A new ${level}${parent === undefined ? '' : ` in ${parent.path}`}`,
        schema: productContract.routes.createIndustry.body.schema,
        ask: { name: {} },
        command: (values) => `leadctl ${level} create ${word(prefix + (values['name'] ?? ''))}`,
        submit: async ({ name }) => {
          const id = parent?.id ?? '';
          if (level === 'industry') bodyOf(await api.call('createIndustry', { body: { name } }));
          else if (level === 'category') {
            bodyOf(await api.call('createCategory', { body: { name, industry_id: id } }));
          } else bodyOf(await api.call('createProduct', { body: { name, category_id: id } }));
          return `Created ${prefix}${name}`;
        },
      }),
  };
}

function attaching({ gateway, client = '' }: ConsoleEnv, { id, path }: Node): Action {
  return {
    label: `Let ${client} offer it`,
    needs: ['PUT', '/api/clients/{client_id}/products/{product_id}'],
    form: () =>
      confirmation({
        title: `Let ${client} offer ${path}?`,
        command: `leadctl product attach ${word(path)} --client ${client}`,
        submit: async () => {
          const params = { client_id: client, product_id: id };
          const body = { enabled: true };
          bodyOf(await gateway.of(productContract).call('putClientProduct', { params, body }));
          return `${client} offers ${path}`;
        },
      }),
  };
}

function removing({ gateway }: ConsoleEnv, { id, level, path }: Node): Action {
  const api = gateway.of(productContract);
  const removals = {
    industry: () => api.call('deleteIndustry', { params: { industry_id: id } }),
    category: () => api.call('deleteCategory', { params: { category_id: id } }),
    product: () => api.call('deleteProduct', { params: { product_id: id } }),
  };
  return {
    label: 'Delete',
    severe: true,
    needs: ['DELETE', `${PATHS[level]}/{${level}_id}`],
    form: () =>
      confirmation({
        title: `Delete the ${level} ${path}?`,
        command: `leadctl ${level} rm ${word(path)}`,
        submit: async () => {
          bodyOf(await removals[level]());
          return `Deleted ${path}`;
        },
      }),
  };
}
