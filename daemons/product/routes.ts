import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Page } from '../../lib/core/paging.ts';
import { reply, type Handlers } from '../../lib/contract/handler.ts';
import type { ClientProductService } from './client-products/service.ts';
import type { ProductContract } from './contract.ts';
import type { CatalogueService, Entry } from './service.ts';

export interface ProductRouteDeps {
  readonly industries: CatalogueService;
  readonly categories: CatalogueService;
  readonly products: CatalogueService;
  readonly clientProducts: ClientProductService;
}

export function productRoutes(deps: ProductRouteDeps): Handlers<ProductContract> {
  const { industries, categories, products, clientProducts } = deps;
  return {
    async listIndustries({ query }) {
      const page = await industries.list(query);
      return isFailure(page) ? page : eachAs(industry, page);
    },

    async createIndustry({ body, actor, call }) {
      const entry = await industries.create(by(actor, call), body.name);
      return isFailure(entry) ? entry : industry(entry);
    },

    async getIndustry({ params }) {
      const entry = await industries.get(params.industry_id);
      return isFailure(entry) ? entry : industry(entry);
    },

    async renameIndustry({ params, body, actor, call }) {
      const entry = await industries.rename(by(actor, call), params.industry_id, body.name);
      return isFailure(entry) ? entry : industry(entry);
    },

    deleteIndustry: ({ params, actor, call }) =>
      industries.remove(by(actor, call), params.industry_id),

    async listCategories({ query }) {
      const page = await categories.list(query, query.industry_id);
      return isFailure(page) ? page : eachAs(category, page);
    },

    async createCategory({ body, actor, call }) {
      const entry = await categories.create(by(actor, call), body.name, body.industry_id);
      return isFailure(entry) ? entry : category(entry);
    },

    async getCategory({ params }) {
      const entry = await categories.get(params.category_id);
      return isFailure(entry) ? entry : category(entry);
    },

    async renameCategory({ params, body, actor, call }) {
      const entry = await categories.rename(by(actor, call), params.category_id, body.name);
      return isFailure(entry) ? entry : category(entry);
    },

    deleteCategory: ({ params, actor, call }) =>
      categories.remove(by(actor, call), params.category_id),

    async listProducts({ query }) {
      const page = await products.list(query, query.category_id);
      return isFailure(page) ? page : eachAs(product, page);
    },

    async createProduct({ body, actor, call }) {
      const entry = await products.create(by(actor, call), body.name, body.category_id);
      return isFailure(entry) ? entry : product(entry);
    },

    async getProduct({ params }) {
      const entry = await products.get(params.product_id);
      return isFailure(entry) ? entry : product(entry);
    },

    async renameProduct({ params, body, actor, call }) {
      const entry = await products.rename(by(actor, call), params.product_id, body.name);
      return isFailure(entry) ? entry : product(entry);
    },

    deleteProduct: ({ params, actor, call }) => products.remove(by(actor, call), params.product_id),

    listClientProducts: ({ params, query }) => clientProducts.list(params.client_id, query),

    async putClientProduct({ params, body, actor, call }) {
      const { client_id, product_id } = params;
      const put = await clientProducts.put(by(actor, call), client_id, product_id, body.enabled);
      return isFailure(put) ? put : reply(put.isNew ? 201 : 200, put.product);
    },

    async detachClientProduct({ params, actor, call }) {
      const { client_id, product_id } = params;
      return clientProducts.detach(by(actor, call), client_id, product_id);
    },
  };
}

const industry = ({ id, name, created_at }: Entry) => ({ id, name, created_at });
const category = (entry: Entry) => ({ ...industry(entry), industry_id: entry.parentId });
const product = (entry: Entry) => ({ ...industry(entry), category_id: entry.parentId });

function eachAs<T>(present: (entry: Entry) => T, page: Page<Entry>): Page<T> {
  return { ...page, data: page.data.map(present) };
}
