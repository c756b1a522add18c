import type { ErrorCode } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';

/** A post to the ingestion routes that was not taken: a lead, or a whole batch. */
export interface RefusedPost {
  /** Null when the key is unknown: then nobody knows whose leads these were. */
  readonly clientId: ClientId | null;
  readonly keyId: string | null;
  /** As the browser sent it; null from a server. */
  readonly origin: string | null;
  /** The caller's address as the gateway saw it (`call.ip`). */
  readonly ip: string;
  /** The code that the caller was answered. */
  readonly reason: ErrorCode;
}

/** Counts a refusal in memory: costs nothing now, never throws, and is written later. */
export type OnRefused = (refused: RefusedPost) => void;
