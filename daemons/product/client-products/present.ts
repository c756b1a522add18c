import type { ClientProduct } from '../contract.ts';
import type { ClientProductRow } from './store.ts';

export function present(row: ClientProductRow): ClientProduct {
  return {
    client_id: row.client_id,
    product_id: row.product_id,
    product: row.product,
    category: row.category,
    industry: row.industry,
    category_id: row.category_id,
    industry_id: row.industry_id,
    enabled: row.enabled,
    attached_at: row.created_at.toISOString(),
  };
}
