import type { Session } from '../contract.ts';
import type { SessionRow } from './store.ts';

export function presentSession(row: SessionRow, currentId: string | undefined): Session {
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    ip: row.ip,
    user_agent: row.user_agent,
    current: row.id === currentId,
  };
}
