import { nameKey } from '../state.ts';
import type { Operation } from '../step.ts';
import type { PlatformApi } from './api.ts';
import { idKey, type Ids } from './ids.ts';
import { gone, made, type Outcome } from './outcome.ts';

export async function performCatalogue(
  { products }: PlatformApi,
  ids: Ids,
  { op, path }: Extract<Operation, { op: 'catalogue.create' | 'catalogue.remove' }>,
  idOf: (key: string) => string,
): Promise<Outcome> {
  const own = idKey('catalogue', nameKey(path));
  const parent = (): string => idOf(idKey('catalogue', nameKey(path.slice(0, -1))));
  const name = path.at(-1) ?? '';
  if (op === 'catalogue.create') {
    if (path.length === 1)
      return made(await products.call('createIndustry', { body: { name } }), ids, own);
    if (path.length === 2) {
      const body = { name, industry_id: parent() };
      return made(await products.call('createCategory', { body }), ids, own);
    }
    const body = { name, category_id: parent() };
    return made(await products.call('createProduct', { body }), ids, own);
  }
  const id = idOf(own);
  if (path.length === 1)
    return gone(await products.call('deleteIndustry', { params: { industry_id: id } }));
  if (path.length === 2)
    return gone(await products.call('deleteCategory', { params: { category_id: id } }));
  return gone(await products.call('deleteProduct', { params: { product_id: id } }));
}
