import type { Handlers } from '../../lib/contract/handler.ts';
import type { Clock } from '../../lib/core/clock.ts';
import type { sandboxContract } from '../contract.ts';
import type { SandboxState } from '../state.ts';
import { destinationHandlers } from './destinations.ts';
import { faultHandlers } from './faults.ts';
import { googleHandlers } from './google.ts';
import { metaHandlers } from './meta.ts';
import { webhookHandlers } from './webhooks.ts';
import { whatsappHandlers } from './whatsapp.ts';

export interface ControlDeps {
  readonly state: SandboxState;
  readonly clock: Clock;
  readonly random: () => number;
  readonly verifyToken: string;
  readonly webhookUrl: () => string;
}

export type ControlHandlers = Handlers<typeof sandboxContract>;

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
