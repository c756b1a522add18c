import type { CommandContext } from '../cli/context.ts';
import type { ClientGateway } from '../client/scope.ts';

export interface Onboarding {
  readonly ctx: CommandContext;
  readonly gateway: ClientGateway;
  /** The value of a key that this run made; nobody can show an older one again. */
  apiKey: string | undefined;
}

/** One thing that a client needs. What is there already is said and left alone, so that a second run goes on. */
export interface OnboardStep {
  readonly title: string;
  /** What there is already, in words; undefined where it is still to be done. */
  readonly done: (on: Onboarding) => Promise<string | undefined>;
  /** Asks and does it; what to say of it. */
  readonly run: (on: Onboarding) => Promise<string>;
}
