import { z } from 'zod';
import { clientIdSchema } from '../core/ids.ts';
import type { Unit } from '../db/scope.ts';
import type { TokenPrincipal } from './decide.ts';

const tokenRow = z.object({
  id: z.string(),
  name: z.string(),
  expires_at: z.date().nullable(),
  client_id: clientIdSchema.nullable(),
  client_status: z.enum(['active', 'suspended', 'archived']).nullable(),
  role_id: z.string().nullable(),
});

const TOKEN = `
  SELECT t.id, t.name, t.expires_at, t.client_id, c.status AS client_status, t.role_id
  FROM machine_tokens t LEFT JOIN clients c ON c.client_id = t.client_id
  WHERE t.token_hash = decode(:hash, 'hex') AND t.revoked_at IS NULL`;

/** The machine token of this SHA-256 in hex, expired or not; undefined when it is revoked or none of ours. */
export async function loadToken(unit: Unit, hash: string): Promise<TokenPrincipal | undefined> {
  const row = await unit.maybeOne(tokenRow, TOKEN, { hash });
  if (row === undefined) return undefined;
  const { client_id: clientId, client_status: clientStatus, role_id: roleId } = row;
  const isOfClient = clientId !== null && clientStatus !== null && roleId !== null;
  return {
    tokenId: row.id,
    name: row.name,
    isAdmin: clientId === null,
    status: 'active',
    expiresAt: row.expires_at,
    memberships: isOfClient ? [{ id: row.id, clientId, clientStatus, roleId }] : [],
  };
}

/** Notes that the token was used; a minute is as exact as this gets. */
export async function noteTokenUse(unit: Unit, tokenId: string, at: Date): Promise<void> {
  await unit.run(
    `UPDATE machine_tokens SET last_used_at = :at
     WHERE id = :tokenId AND (last_used_at IS NULL OR last_used_at < CAST(:at AS timestamptz) - interval '1 minute')`,
    { tokenId, at },
  );
}
