import type { MANIFEST_KINDS } from '../../daemons/client/contract.ts';
import type { ApiKeyState, ClientState, IntegrationValue } from './state.ts';

/** What a set can own. */
export type OwnedKind = (typeof MANIFEST_KINDS)[number];
export type Kind = OwnedKind | 'grants' | 'integrations';
export type Action = 'create' | 'update' | 'remove';

/** One field before and after, fit to be shown: a secret is only said to change. */
export interface Change {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

type ClientPatch = Partial<Pick<ClientState, 'name' | 'status' | 'defaultCountry'>>;

/** What is to be done, in names; whoever does it knows the ids. */
export type Operation =
  | { readonly op: 'role.create'; name: string; level: number; description: string | null }
  | { readonly op: 'role.update'; name: string; level?: number; description?: string | null }
  | { readonly op: 'role.remove'; name: string }
  | { readonly op: 'grants.set'; role: string; permissions: readonly string[] }
  | { readonly op: 'catalogue.create'; path: readonly string[] }
  | { readonly op: 'catalogue.remove'; path: readonly string[] }
  | {
      readonly op: 'client.create';
      clientId: string;
      name: string;
      status: ClientState['status'];
      defaultCountry: string | null;
    }
  | { readonly op: 'client.update'; clientId: string; patch: ClientPatch }
  | {
      readonly op: 'member.create';
      clientId: string;
      email: string;
      role: string;
      reportsTo: string | null;
    }
  | {
      readonly op: 'member.update';
      clientId: string;
      email: string;
      role?: string;
      reportsTo?: string | null;
    }
  | { readonly op: 'member.remove'; clientId: string; email: string }
  | {
      readonly op: 'client_product.put';
      clientId: string;
      path: readonly string[];
      enabled: boolean;
    }
  | { readonly op: 'client_product.remove'; clientId: string; path: readonly string[] }
  | {
      readonly op: 'api_key.create';
      clientId: string;
      name: string;
      prefix: string | undefined;
      settings: Partial<ApiKeyState>;
    }
  | {
      readonly op: 'api_key.update';
      clientId: string;
      name: string;
      settings: Partial<ApiKeyState>;
    }
  | { readonly op: 'api_key.remove'; clientId: string; name: string }
  | {
      readonly op: 'meta_source.create' | 'meta_source.remove';
      clientId: string;
      page: string;
      form: string | null;
    }
  | {
      readonly op: 'integrations.update';
      clientId: string;
      values: ReadonlyMap<string, IntegrationValue>;
    };

export interface Step {
  /** Unique in a plan and the same in every plan for the same thing, e.g. `member acme rep@acme.example`. */
  readonly key: string;
  /** Keys of steps without which this one cannot be; those that are not in the plan do not matter. */
  readonly needs: readonly string[];
  readonly action: Action;
  readonly kind: Kind;
  readonly clientId: string | null;
  /** What a set remembers; unique within kind and client. */
  readonly identity: string;
  /** For people. */
  readonly name: string;
  readonly changes: readonly Change[];
  readonly operation: Operation;
}

/** Steps in the order of their doing. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What the manifest asks for and nothing can be done to bring about; such a plan is not carried out. */
  readonly problems: readonly string[];
}

export function stepKey(kind: Kind, clientId: string | null, identity: string): string {
  return JSON.stringify(clientId === null ? [kind, identity] : [kind, clientId, identity]);
}

type StepInput = Omit<Step, 'key' | 'needs' | 'changes' | 'name' | 'clientId'> & {
  readonly clientId?: string;
  readonly needs?: readonly string[];
  readonly changes?: readonly Change[];
  readonly name?: string;
};

export function step(input: StepInput): Step {
  const { clientId = null, needs = [], changes = [], name = input.identity, ...rest } = input;
  return {
    ...rest,
    key: stepKey(input.kind, clientId, input.identity),
    clientId,
    needs,
    changes,
    name,
  };
}

/** The fields of `wanted` that differ; what is not wanted one way or another (undefined) is left alone. */
export function changesBetween(
  current: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): Change[] {
  return Object.entries(wanted)
    .filter(([field, to]) => to !== undefined && !isEqual(current[field], to))
    .map(([field, to]) => ({ field, from: current[field] ?? null, to }));
}

export function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
