import { Model } from 'objection';
import { FOREIGN_KEY_VIOLATION, sqlState, violatedConstraint } from '../../../lib/db/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';

export class ClientProductRow extends Model {
  static override readonly tableName = 'client_products';
  static override readonly idColumn = ['client_id', 'product_id'];

  declare client_id: string;
  declare product_id: string;
  declare enabled: boolean;
  declare created_at: Date;
  /** From the catalogue, where the query joins it. */
  declare product: string;
  declare category: string;
  declare industry: string;
  declare category_id: string;
  declare industry_id: string;
}

function joined(unit: ClientUnit) {
  return ClientProductRow.query(unit.trx)
    .alias('cp')
    .join('products as p', 'p.id', 'cp.product_id')
    .join('product_categories as c', 'c.id', 'p.category_id')
    .join('industries as i', 'i.id', 'c.industry_id')
    .where('cp.client_id', unit.scope.clientId)
    .select(
      'cp.*',
      'p.name as product',
      'c.name as category',
      'i.name as industry',
      'p.category_id',
      'c.industry_id',
    );
}

/** At most `limit + 1` of the client's products by name. */
export async function listClientProducts(
  unit: ClientUnit,
  filters: {
    limit: number;
    enabled: boolean | undefined;
    after: readonly [name: string, productId: string] | undefined;
  },
): Promise<ClientProductRow[]> {
  const query = joined(unit)
    .orderBy(['p.name', 'p.id'])
    .limit(filters.limit + 1);
  if (filters.enabled !== undefined) void query.where('cp.enabled', filters.enabled);
  if (filters.after) {
    void query.whereRaw('(p.name, p.id) > (?, CAST(? AS uuid))', [...filters.after]);
  }
  return query;
}

export async function findClientProduct(
  unit: ClientUnit,
  productId: string,
): Promise<ClientProductRow | undefined> {
  return joined(unit).where('cp.product_id', productId).first();
}

/** The attachment itself, and nobody else changes it until the transaction ends. */
export async function lockClientProduct(
  unit: ClientUnit,
  productId: string,
): Promise<ClientProductRow | undefined> {
  return ClientProductRow.query(unit.trx).findById([unit.scope.clientId, productId]).forUpdate();
}

/** `'attached'` too when somebody else did so in the same moment: the later word holds. */
export async function attach(
  unit: ClientUnit,
  productId: string,
  enabled: boolean,
): Promise<'attached' | 'no_product' | 'no_client'> {
  try {
    await ClientProductRow.query(unit.trx)
      .insert({ client_id: unit.scope.clientId, product_id: productId, enabled })
      .onConflict(['client_id', 'product_id'])
      .merge({ enabled });
    return 'attached';
  } catch (error) {
    if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error;
    return violatedConstraint(error) === 'client_products_client_id_fkey'
      ? 'no_client'
      : 'no_product';
  }
}

export async function switchTo(
  unit: ClientUnit,
  productId: string,
  enabled: boolean,
): Promise<void> {
  await ClientProductRow.query(unit.trx)
    .findById([unit.scope.clientId, productId])
    .patch({ enabled });
}

/** `'in_use'` while a lead of the client is about it. */
export async function detach(unit: ClientUnit, productId: string): Promise<'detached' | 'in_use'> {
  try {
    await ClientProductRow.query(unit.trx).deleteById([unit.scope.clientId, productId]);
    return 'detached';
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return 'in_use';
    throw error;
  }
}
