import { z } from 'zod';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { idSchema, type ClientId } from '../../../lib/core/ids.ts';
import { readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import { noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import type { ClientProduct, ClientProductFilters } from '../contract.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export interface PutClientProduct {
  readonly isNew: boolean;
  readonly product: ClientProduct;
}

export interface ClientProductService {
  list(clientId: ClientId, filters: ClientProductFilters): Promise<Page<ClientProduct> | Failure>;
  /** Attaches the product, or switches one that is attached. */
  put(
    actor: Actor,
    clientId: ClientId,
    productId: string,
    enabled: boolean,
  ): Promise<PutClientProduct | Failure>;
  /** Refused while leads are about it: they would forget what they were about. */
  detach(actor: Actor, clientId: ClientId, productId: string): Promise<Failure | undefined>;
}

const position = z.tuple([z.string(), idSchema]);

export function createClientProductService({
  database,
}: {
  database: Database;
}): ClientProductService {
  return {
    async list(clientId, { limit, cursor, enabled }) {
      const after = readCursor(cursor, position);
      if (isFailure(after)) return after;
      const rows = await database.inTransaction(clientScope(clientId), (unit) =>
        store.listClientProducts(unit, { limit, enabled, after }),
      );
      return toPage(rows, limit, (row) => [row.product, row.product_id], present);
    },

    put(actor, clientId, productId, enabled) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const before = await store.lockClientProduct(unit, productId);
        const failure =
          before === undefined
            ? await attach(unit, actor, productId, enabled)
            : await switchTo(unit, actor, before, enabled);
        if (failure) return failure;
        const row = await store.findClientProduct(unit, productId);
        if (row === undefined) return notAttached(productId);
        return { isNew: before === undefined, product: present(row) };
      });
    },

    detach(actor, clientId, productId) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        if ((await store.lockClientProduct(unit, productId)) === undefined) {
          return notAttached(productId);
        }
        if ((await store.detach(unit, productId)) === 'in_use') {
          return fail(
            'conflict',
            'Leads are about this product; disable it instead: PUT {"enabled":false}.',
          );
        }
        await audit(unit, actor, on('client_product.detach', productId));
        return undefined;
      });
    },
  };
}

const on = (action: string, targetId: string) => ({ action, targetKind: 'product', targetId });

async function attach(
  unit: ClientUnit,
  actor: Actor,
  productId: string,
  enabled: boolean,
): Promise<Failure | undefined> {
  switch (await store.attach(unit, productId, enabled)) {
    case 'no_client':
      return noSuchClient(unit.scope.clientId);
    case 'no_product':
      return fail('not_found', `There is no product ${productId}.`);
    case 'attached':
      await audit(unit, actor, { ...on('client_product.attach', productId), detail: { enabled } });
      return undefined;
  }
}

async function switchTo(
  unit: ClientUnit,
  actor: Actor,
  before: store.ClientProductRow,
  enabled: boolean,
): Promise<undefined> {
  if (before.enabled === enabled) return;
  await store.switchTo(unit, before.product_id, enabled);
  const action = enabled ? 'client_product.enable' : 'client_product.disable';
  await audit(unit, actor, on(action, before.product_id));
}

function notAttached(productId: string): Failure {
  return fail('not_found', `The client has no product ${productId}.`);
}
