import type { z } from 'zod';
import type { ServiceName } from '../../lib/contract/route.ts';
import { databaseSettings, metaSettings, sharedLimitSettings } from '../../lib/core/config.ts';

type Load = () => Promise<z.ZodObject>;

/** What each service reads beside what its process does; loaded when asked for, as its code is. */
const SETTINGS: Readonly<Record<ServiceName, Load>> = {
  async gateway() {
    const { gatewaySettings } = await import('../../daemons/gateway/daemon.ts');
    return gatewaySettings.extend({
      ...databaseSettings.shape,
      ...sharedLimitSettings.shape,
    });
  },
  auth: async () => (await import('../../daemons/auth/daemon.ts')).authSettings,
  client: async () => (await import('../../daemons/client/daemon.ts')).clientSettings,
  user: async () => (await import('../../daemons/user/daemon.ts')).userSettings,
  lead: async () => (await import('../../daemons/lead/daemon.ts')).leadSettings,
  product: async () => (await import('../../daemons/product/daemon.ts')).productSettings,
  integration: async () =>
    (await import('../../daemons/integration/daemon.ts')).integrationSettings,
  webhook: async () => (await import('../../daemons/webhook/daemon.ts')).webhookSettings,
  permission: async () => (await import('../../daemons/permission/daemon.ts')).permissionSettings,
  hierarchy: async () => (await import('../../daemons/hierarchy/daemon.ts')).hierarchySettings,
  worker: async () => (await import('../../daemons/worker/daemon.ts')).workerSettings,
  async sandbox() {
    const { sandboxSettings } = await import('../../sandbox/limits.ts');
    return sandboxSettings.extend(metaSettings.shape);
  },
};

/** The settings of one service, by name; beside `hostSettings`, which every process reads. */
export function settingsOf(service: ServiceName): Promise<z.ZodObject> {
  return SETTINGS[service]();
}
