import type { z } from 'zod';
import type { Clock } from '../../../lib/core/clock.ts';
import type { ProviderClients } from '../../../lib/providers/clients.ts';
import type { Check } from '../checks/shapes.ts';
import type { SecretSpecs } from './secret-spec.ts';
import type { LaneWork } from '../sending/lane.ts';

/** What the time-out of a call means: whether the thing may have happened, and how that is found out. */
export type Doubt =
  /** What is there can be read before trying again. */
  | 'look_first'
  /** Only the provider's own word tells, and comes by itself. */
  | 'await_status'
  /** A second one does no harm: the receiver knows it by its id. */
  | 'safe_to_repeat';

/** What a kind's worker may use. */
export interface WorkDeps {
  readonly clients: ProviderClients;
  readonly clock: Clock;
  /** To one number, of one client, within 24 hours. */
  readonly messagesADay: number;
}

/** What a kind's check may use. */
export interface CheckDeps {
  readonly clients: ProviderClients;
  readonly clock: Clock;
  /** Without it nothing can be said about what a Meta token may do. */
  readonly appId: string | undefined;
}

/** A destination whose settings may be incomplete, as a check looks at it. */
export interface CheckSubject {
  readonly settings: unknown;
  /** The secret in clear, or the check that says why there is none. */
  secret(name: string): { readonly secret: string } | { readonly check: Check };
  readonly signal: AbortSignal;
}

/**
 * A kind of destination. All that is not said here is the same for every kind, and a new kind is one
 * object of this shape and its line in the registry.
 */
export interface Kind {
  readonly kind: string;
  readonly title: string;
  /** What is given and kept; also the source of help, flags and forms. */
  readonly settings: z.ZodType<Readonly<Record<string, unknown>>>;
  readonly secrets: SecretSpecs;
  readonly doubt: Doubt;
  /** The provider's account that settings send by, as kept: what a lane is for. `-` while it is not set. */
  account(settings: unknown): string;
  /** Where a doubtful delivery can be looked for; equal places are one. The account unless told. */
  place?(settings: unknown): string;
  /** Works a lane of this kind until it is empty. */
  createWork(deps: WorkDeps): LaneWork;
  /**
   * No person sees the check, so that it may be made unasked: after a change, by the doctor. Where it is
   * not said, only who asks for the check gets it.
   */
  readonly checkIsSilent?: true;
  /** Asks the real thing whether it will work. */
  check(subject: CheckSubject, deps: CheckDeps): Promise<readonly Check[]>;
}

/** The kinds that there are, by name. */
export type Kinds = ReadonlyMap<string, Kind>;

export function kindsOf(kinds: readonly Kind[]): Kinds {
  return new Map(kinds.map((kind) => [kind.kind, kind]));
}

/** A text of stored settings; undefined where it is not set. */
export function textIn(settings: unknown, name: string): string | undefined {
  if (typeof settings !== 'object' || settings === null) return undefined;
  const value: unknown = Object.entries(settings).find(([key]) => key === name)?.[1];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
