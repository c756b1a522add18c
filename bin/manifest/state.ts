import type { Reach } from '../../lib/contract/route.ts';

/** What is there, by the names under which a manifest knows it. */
export interface PlatformState {
  /** Every permission that can be granted, e.g. `GET /api/clients/{client_id}/leads`, and where it counts. */
  readonly permissions: ReadonlyMap<string, Reach>;
  readonly roles: Map<string, RoleState>;
  /** Industries, categories and products by `nameKey` of their path. */
  readonly catalogue: Set<string>;
  readonly clients: Map<string, ClientState>;
}

export interface RoleState {
  readonly level: number;
  readonly description: string | null;
  /** Undefined where nobody asked. */
  readonly grants: ReadonlySet<string> | undefined;
}

export interface ClientState {
  readonly name: string;
  readonly status: 'active' | 'suspended' | 'archived';
  readonly defaultCountry: string | null;
  readonly members: Map<string, MemberState>;
  /** Whether it is enabled, by `nameKey` of its path. */
  readonly products: Map<string, boolean>;
  readonly apiKeys: Map<string, ApiKeyState>;
  /** By `nameKey` of page and form. */
  readonly metaSources: Set<string>;
  /** By dotted path, e.g. `whatsapp.phone_number_id`. */
  readonly integrations: Map<string, IntegrationValue>;
}

export interface MemberState {
  readonly role: string;
  readonly reportsTo: string | null;
}

export interface ApiKeyState {
  readonly scopes: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly rateLimitPerMinute: number | null;
  readonly expiresAt: string | null;
}

/** A secret that is to be set; printing one shows nothing. */
export class Secret {
  readonly #value: string;
  readonly fingerprint: string;

  constructor(value: string, fingerprint: string) {
    this.#value = value;
    this.fingerprint = fingerprint;
  }

  reveal(): string {
    return this.#value;
  }
}

/** A secret that is set on the server, which tells no more of it than its fingerprint. */
export interface SecretMark {
  readonly secret: true;
  /** Undefined from a server that does not tell. */
  readonly fingerprint: string | undefined;
}

/** JSON, or a secret. */
export type IntegrationValue = unknown;

export function isSecretMark(value: unknown): value is SecretMark {
  return typeof value === 'object' && value !== null && 'secret' in value && value.secret === true;
}

/** One key for a path of names that may hold any character. */
export function nameKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

export function namesOf(key: string): string[] {
  const path: unknown = JSON.parse(key);
  return Array.isArray(path) ? path.map(String) : [key];
}

/** `Auto / SUV / Roadster` */
export function showPath(path: readonly string[]): string {
  return path.join(' / ');
}

/** Of a page, or of one form of it. */
export function sourceKey(page: string, form: string | null | undefined): string {
  return nameKey(form == null ? [page] : [page, form]);
}
