import type { Handlers } from '../../lib/contract/handler.ts';
import type { Clock } from '../../lib/core/clock.ts';
import type { sandboxContract } from '../contract.ts';
import type { SandboxState } from '../state.ts';

export interface ControlDeps {
  readonly state: SandboxState;
  readonly clock: Clock;
  readonly random: () => number;
  readonly verifyToken: string;
  readonly webhookUrl: () => string;
}

export type ControlHandlers = Handlers<typeof sandboxContract>;
