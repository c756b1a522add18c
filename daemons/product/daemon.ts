import type { z } from 'zod';
import { databaseSettings } from '../../lib/core/config.ts';
import type { Daemon, DaemonDeps } from '../../lib/daemon/daemon.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createDaemonApp } from '../../lib/http/app.ts';
import { createClientProductService } from './client-products/service.ts';
import { productContract } from './contract.ts';
import { CATEGORY, INDUSTRY, PRODUCT } from './levels.ts';
import { productRoutes } from './routes.ts';
import { createCatalogueService } from './service.ts';

export const productSettings = databaseSettings;

export function createProductDaemon(
  deps: DaemonDeps,
  settings: z.output<typeof productSettings>,
): Daemon {
  const database = createDatabase({
    url: settings.DATABASE_URL,
    role: 'leadctl_product',
    applicationName: 'leadctl-product',
    poolMax: settings.DATABASE_POOL_MAX,
  });
  return {
    contract: productContract,
    listener: createDaemonApp(deps, {
      contract: productContract,
      handlers: productRoutes({
        industries: createCatalogueService({ database }, INDUSTRY),
        categories: createCatalogueService({ database }, CATEGORY),
        products: createCatalogueService({ database }, PRODUCT),
        clientProducts: createClientProductService({ database }),
      }),
      checks: { database: database.check },
    }),
    stop: () => database.stop(),
  };
}
