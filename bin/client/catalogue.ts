import { productContract } from '../../daemons/product/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { usageError } from '../cli/failure.ts';
import type { Gateway } from './gateway.ts';
import { type AskPage, listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';

/** Something of the catalogue with its whole path, e.g. `Auto/SUV/Roadster`. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly path: string;
}

const LEVELS = ['industry', 'category', 'product'] as const;
export type CatalogueLevel = (typeof LEVELS)[number];

interface Item {
  readonly id: string;
  readonly name: string;
}

/** What stands at a level: everything, or only what is in `parent`. */
export async function listCatalogue(
  gateway: Gateway,
  level: CatalogueLevel,
  parent?: CatalogueEntry,
): Promise<CatalogueEntry[]> {
  if (parent !== undefined || level === 'industry') {
    return await childrenOf(gateway, level, parent);
  }
  const entries: CatalogueEntry[] = [];
  const above = level === 'product' ? 'category' : 'industry';
  for (const one of await listCatalogue(gateway, above)) {
    entries.push(...(await childrenOf(gateway, level, one)));
  }
  return entries;
}

/** By id or by path; a `CliError` (exit 5) when there is none. */
export async function findInCatalogue(
  gateway: Gateway,
  level: CatalogueLevel,
  text: string,
): Promise<CatalogueEntry> {
  const id = asId(text);
  if (id !== undefined) return await getById(gateway, level, id);
  const parts = pathParts(level, text);
  let found: CatalogueEntry | undefined;
  for (const [at, part] of parts.entries()) {
    const here = LEVELS[at] ?? level;
    const all = await childrenOf(gateway, here, found);
    found = pickOne(
      all.filter(({ name }) => name === part),
      { text: parts.slice(0, at + 1).join('/'), what: here, list: `leadctl ${here} ls` },
    );
  }
  if (found === undefined) throw usageError(`Which ${level}?`);
  return found;
}

/** The names that lead to it; a usage error when they are too few or too many. */
export function pathParts(level: CatalogueLevel, text: string): string[] {
  const parts = text.split('/').map((part) => part.trim());
  const wanted = LEVELS.indexOf(level) + 1;
  if (parts.length === wanted && parts.every((part) => part !== '')) return parts;
  const shape = LEVELS.slice(0, wanted).join('/').toUpperCase();
  throw usageError(`'${text}' is no path of a ${level}`, `write ${shape}, or an id`);
}

async function childrenOf(
  gateway: Gateway,
  level: CatalogueLevel,
  parent: CatalogueEntry | undefined,
): Promise<CatalogueEntry[]> {
  const products = gateway.of(productContract);
  const asks: { readonly [Level in CatalogueLevel]: AskPage<Item> } = {
    industry: (page) => products.call('listIndustries', { query: page }),
    category: (page) =>
      products.call('listCategories', { query: { ...page, industry_id: parent?.id } }),
    product: (page) =>
      products.call('listProducts', { query: { ...page, category_id: parent?.id } }),
  };
  const entries: CatalogueEntry[] = [];
  const prefix = parent === undefined ? '' : `${parent.path}/`;
  for await (const { id, name } of listAll(asks[level])) {
    entries.push({ id, name, path: prefix + name });
  }
  return entries;
}

async function getById(
  gateway: Gateway,
  level: CatalogueLevel,
  id: string,
): Promise<CatalogueEntry> {
  const products = gateway.of(productContract);
  const gets = {
    industry: async () =>
      bodyOf(await products.call('getIndustry', { params: { industry_id: id } })),
    category: async () =>
      bodyOf(await products.call('getCategory', { params: { category_id: id } })),
    product: async () => bodyOf(await products.call('getProduct', { params: { product_id: id } })),
  };
  const { name } = await gets[level]();
  return { id, name, path: name };
}
