import type { ClientId } from '../../../lib/core/ids.ts';
import type { API_KEY_SCOPES } from './shapes.ts';

/** A key that may be used, with what ingestion needs to know of its client. */
export interface KnownKey {
  readonly id: string;
  readonly clientId: ClientId;
  readonly scopes: readonly (typeof API_KEY_SCOPES)[number][];
  readonly allowedOrigins: readonly string[];
  readonly rateLimitPerMinute: number | null;
  readonly expiresAtMs: number | null;
  readonly isClientActive: boolean;
  readonly defaultCountry: string | null;
}
