import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Page } from '../../lib/core/paging.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
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
      return isFailure(page) ? page : { status: 200, body: eachAs(industry, page) };
    },

    async createIndustry({ body, actor, call }) {
      const entry = await industries.create(by(actor, call), body.name);
      return isFailure(entry) ? entry : { status: 201, body: industry(entry) };
    },

    async getIndustry({ params }) {
      const entry = await industries.get(params.industry_id);
      return isFailure(entry) ? entry : { status: 200, body: industry(entry) };
    },

    async renameIndustry({ params, body, actor, call }) {
      const entry = await industries.rename(by(actor, call), params.industry_id, body.name);
      return isFailure(entry) ? entry : { status: 200, body: industry(entry) };
    },

    async deleteIndustry({ params, actor, call }) {
      const failure = await industries.remove(by(actor, call), params.industry_id);
      return failure ?? { status: 204 };
    },

    async listCategories({ query }) {
      const page = await categories.list(query, query.industry_id);
      return isFailure(page) ? page : { status: 200, body: eachAs(category, page) };
    },

    async createCategory({ body, actor, call }) {
      const entry = await categories.create(by(actor, call), body.name, body.industry_id);
      return isFailure(entry) ? entry : { status: 201, body: category(entry) };
    },

    async getCategory({ params }) {
      const entry = await categories.get(params.category_id);
      return isFailure(entry) ? entry : { status: 200, body: category(entry) };
    },

    async renameCategory({ params, body, actor, call }) {
      const entry = await categories.rename(by(actor, call), params.category_id, body.name);
      return isFailure(entry) ? entry : { status: 200, body: category(entry) };
    },

    async deleteCategory({ params, actor, call }) {
      const failure = await categories.remove(by(actor, call), params.category_id);
      return failure ?? { status: 204 };
    },

    async listProducts({ query }) {
      const page = await products.list(query, query.category_id);
      return isFailure(page) ? page : { status: 200, body: eachAs(product, page) };
    },

    async createProduct({ body, actor, call }) {
      const entry = await products.create(by(actor, call), body.name, body.category_id);
      return isFailure(entry) ? entry : { status: 201, body: product(entry) };
    },

    async getProduct({ params }) {
      const entry = await products.get(params.product_id);
      return isFailure(entry) ? entry : { status: 200, body: product(entry) };
    },

    async renameProduct({ params, body, actor, call }) {
      const entry = await products.rename(by(actor, call), params.product_id, body.name);
      return isFailure(entry) ? entry : { status: 200, body: product(entry) };
    },

    async deleteProduct({ params, actor, call }) {
      const failure = await products.remove(by(actor, call), params.product_id);
      return failure ?? { status: 204 };
    },

    async listClientProducts({ params, query }) {
      const page = await clientProducts.list(params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async putClientProduct({ params, body, actor, call }) {
      const { client_id, product_id } = params;
      const put = await clientProducts.put(by(actor, call), client_id, product_id, body.enabled);
      return isFailure(put) ? put : { status: put.isNew ? 201 : 200, body: put.product };
    },

    async detachClientProduct({ params, actor, call }) {
      const { client_id, product_id } = params;
      const failure = await clientProducts.detach(by(actor, call), client_id, product_id);
      return failure ?? { status: 204 };
    },
  };
}

const industry = ({ id, name, created_at }: Entry) => ({ id, name, created_at });
const category = (entry: Entry) => ({ ...industry(entry), industry_id: entry.parentId });
const product = (entry: Entry) => ({ ...industry(entry), category_id: entry.parentId });

function eachAs<T>(present: (entry: Entry) => T, page: Page<Entry>): Page<T> {
  return { ...page, data: page.data.map(present) };
}
