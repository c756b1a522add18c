import type { ApiKey } from './shapes.ts';
import type { ApiKeyRow } from './store.ts';

export function present(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    client_id: row.client_id,
    name: row.name,
    key_prefix: row.key_prefix,
    scopes: row.scopes,
    allowed_origins: row.allowed_origins,
    rate_limit_per_minute: row.rate_limit_per_minute,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
