import type { Pool } from 'pg';

export interface ProductLookup {
  isEnabled(clientId: string, productId: string): Promise<boolean>;
}

const IS_ENABLED = {
  name: 'is-product-enabled',
  text: 'SELECT FROM client_products WHERE client_id = $1 AND product_id = $2 AND enabled',
};

/** Asks the table each time: few leads name a product, and a switched-off one must take none. */
export function productLookup(pool: Pool): ProductLookup {
  return {
    async isEnabled(clientId, productId) {
      const { rowCount } = await pool.query({ ...IS_ENABLED, values: [clientId, productId] });
      return rowCount === 1;
    },
  };
}
