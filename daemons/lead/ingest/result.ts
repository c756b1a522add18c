import type { Accepted } from './shapes.ts';

export type IngestResult =
  | { readonly kind: 'stored'; readonly lead: Accepted }
  /** The first answer again, for a repeated idempotency key. */
  | { readonly kind: 'replayed'; readonly lead: Accepted }
  /** An earlier lead has this reference; `isReplay` when the idempotency key is repeated too. */
  | { readonly kind: 'duplicate'; readonly lead: Accepted; readonly isReplay: boolean };

export function present(lead: { id: string; client_id: string; created_at: Date }): Accepted {
  return {
    id: lead.id,
    client_id: lead.client_id,
    status: 'accepted',
    created_at: lead.created_at.toISOString(),
  };
}
