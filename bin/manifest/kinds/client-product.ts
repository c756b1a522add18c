import * as z from 'zod';
import { productContract } from '../../../daemons/product/contract.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { listEvery } from '../../client/paging.ts';
import { nameKey, showPath } from '../names.ts';
import { ref, type RunContext, type Wanted } from '../thing.ts';
import { done, gone } from './answers.ts';
import { catalogueName, catalogueRef, catalogueThings } from './catalogue.ts';
import { clientPart, type Kind } from './kind.ts';

const item = z.strictObject({
  industry: catalogueName,
  category: catalogueName,
  product: catalogueName,
  enabled: productContract.routes.putClientProduct.body.schema.shape.enabled,
});

const clientProduct: Kind<ClientId> = {
  name: 'client_product',
  async read({ api: { products }, clientId }) {
    const params = { client_id: clientId };
    const all = await listEvery((query) => products.call('listClientProducts', { params, query }));
    return all.map(({ industry, category, product, enabled, product_id }) => {
      const path = [industry, category, product];
      return {
        ...ref('client_product', clientId, nameKey(path)),
        name: showPath(path),
        fields: { enabled },
        needs: [catalogueRef(path)],
        entry: { industry, category, product, enabled },
        remove: () =>
          gone(products.call('detachClientProduct', { params: { ...params, product_id } })),
      };
    });
  },
};

function clientProductThing(
  { industry, category, product, enabled }: z.output<typeof item>,
  clientId: ClientId,
): Wanted {
  const path = [industry, category, product];
  const put = ({ api, idOf }: RunContext) => {
    const params = { client_id: clientId, product_id: idOf(catalogueRef(path)) };
    return done(api.products.call('putClientProduct', { params, body: { enabled } }));
  };
  return {
    ...ref('client_product', clientId, nameKey(path)),
    name: showPath(path),
    fields: { enabled },
    needs: [catalogueRef(path)],
    make: put,
    change: put,
  };
}

/** `products` that a client offers; one that the catalogue does not have yet is made in it. */
export const clientProducts = clientPart({
  field: 'products',
  item,
  kinds: [clientProduct],
  things: (spec, { clientId }) => [
    ...catalogueThings([spec.industry, spec.category, spec.product]),
    clientProductThing(spec, clientId),
  ],
});
