import { randomUUID } from 'node:crypto';
import { createBoundedMap } from '../bounded.ts';

export const PROVIDERS = [
  'whatsapp',
  'google_sheets',
  'meta',
  'webhook',
  'slack',
  'email',
] as const;
export type Provider = (typeof PROVIDERS)[number];

/** What a call to a provider does; a fault may be limited to one of them. */
export const OPERATIONS = [
  'messages',
  'templates',
  'phone_number',
  'phone_numbers',
  'token',
  'append',
  'get',
  'update',
  'spreadsheet',
  'lead',
  'leads',
  'form',
  'forms',
  'page',
  'subscribed_apps',
  'subscriptions',
  'debug_token',
  'hook',
  'post',
  'send',
  'unknown',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The call that a fault may concern. */
export interface FaultableCall {
  readonly provider: Provider;
  readonly operation: Operation;
  readonly subject: string | undefined;
}

/** What shall go wrong, and when. Without status, code or hanging, a fault only delays or adds headers. */
export interface FaultSpec {
  readonly provider: Provider;
  readonly operation?: Operation | undefined;
  /** Only calls about this phone number, spreadsheet, lead, form or page. */
  readonly subject?: string | undefined;
  readonly status?: number | undefined;
  readonly code?: number | string | undefined;
  readonly message?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly delay_ms?: number | undefined;
  /** Does the work and never answers. */
  readonly hang_after_accept?: boolean | undefined;
  /** Does the work, then answers the error all the same. */
  readonly fail_after_accept?: boolean | undefined;
  /** Drops the connection without an answer or any work. */
  readonly reset?: boolean | undefined;
  /** Share of the calls that meet it, 0 to 1; all by default. */
  readonly rate?: number | undefined;
  /** How many calls meet it before it is gone; no end by default. */
  readonly times?: number | undefined;
}

export interface Fault {
  readonly id: string;
  readonly spec: FaultSpec;
  readonly hits: number;
}

export interface FaultStore {
  add(spec: FaultSpec): Fault;
  all(): Fault[];
  /** The fault that this call meets, oldest first; counts it. */
  take(call: FaultableCall): Fault | undefined;
  clear(): void;
}

const MOST_FAULTS = 100;

/** `random` answers 0 to 1 as Math.random does; injected so that a test can decide. */
export function createFaultStore(deps: { random: () => number }): FaultStore {
  const faults = createBoundedMap<Fault>(MOST_FAULTS);
  return {
    add(spec) {
      const fault = { id: randomUUID(), spec, hits: 0 };
      faults.set(fault.id, fault);
      return fault;
    },
    all: () => faults.values(),
    take(call) {
      const met = faults
        .values()
        .find(({ spec }) => concerns(spec, call) && deps.random() < (spec.rate ?? 1));
      if (met === undefined) return undefined;
      const counted = { ...met, hits: met.hits + 1 };
      if (counted.hits >= (met.spec.times ?? Infinity)) faults.delete(met.id);
      else faults.set(met.id, counted);
      return counted;
    },
    clear: () => faults.clear(),
  };
}

function concerns(spec: FaultSpec, call: FaultableCall): boolean {
  return (
    spec.provider === call.provider &&
    (spec.operation === undefined || spec.operation === call.operation) &&
    (spec.subject === undefined || spec.subject === call.subject)
  );
}
