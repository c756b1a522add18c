import type { ControlDeps, ControlHandlers } from './deps.ts';
import { destinationHandlers } from './destinations.ts';
import { faultHandlers } from './faults.ts';
import { googleHandlers } from './google.ts';
import { metaHandlers } from './meta.ts';
import { webhookHandlers } from './webhooks.ts';
import { whatsappHandlers } from './whatsapp.ts';

/** The control routes, bound to the emulated providers' state. */
export function controlHandlers(deps: ControlDeps): ControlHandlers {
  return {
    ...whatsappHandlers(deps),
    ...googleHandlers(deps),
    ...metaHandlers(deps),
    ...webhookHandlers(deps),
    ...destinationHandlers(deps),
    ...faultHandlers(deps),
  };
}
