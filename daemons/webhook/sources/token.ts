import { z } from 'zod';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor } from '../../../lib/secrets/sealed.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';

/** Where the settings keep it: the dotted path is what the secret is bound to. */
const FIELD = 'meta.page_access_token';

/**
 * `mark` changes whenever the stored token does. One that opens is known by its fingerprint, which stays when
 * only the key above it changes; one that does not, by its sealed text, so that setting the same anew counts.
 */
export type PageToken = { readonly mark: string } & (
  | { readonly kind: 'token'; readonly accessToken: string }
  | { readonly kind: 'missing' | 'unreadable'; readonly code: string; readonly message: string }
);

/** Marks that a hold on the token in `i.config` may bear while it is the same one; for SQL. */
export const TOKEN_MARKS = `ARRAY[
  coalesce(encode(sha256(convert_to(i.config #>> '{meta,page_access_token,sealed}', 'UTF8')), 'hex'), ''),
  nullif(i.config #>> '{meta,page_access_token,fingerprint}', '')]`;

const row = z.object({ sealed: z.string().nullable(), fingerprint: z.string().nullable() });
type Stored = z.output<typeof row>;

/** The client's page access token, as its settings hold it now. */
export async function readPageToken(unit: ClientUnit, keyring: Keyring): Promise<PageToken> {
  const found = await unit.maybeOne(
    row,
    `SELECT config #>> '{meta,page_access_token,sealed}' AS sealed,
       config #>> '{meta,page_access_token,fingerprint}' AS fingerprint
     FROM client_integrations WHERE client_id = ?`,
    [unit.scope.clientId],
  );
  return openToken(keyring, unit.scope.clientId, found ?? { sealed: null, fingerprint: null });
}

function openToken(
  keyring: Keyring,
  clientId: ClientId,
  { sealed, fingerprint }: Stored,
): PageToken {
  if (sealed === null) {
    return {
      kind: 'missing',
      mark: '',
      code: 'token_missing',
      message: 'This client has no page access token: set meta.page_access_token.',
    };
  }
  const sealedMark = sha256Hex(sealed);
  const opened = openFor(keyring, { clientId, field: FIELD }, sealed);
  if (opened.ok) {
    return { kind: 'token', mark: fingerprint || sealedMark, accessToken: opened.secret };
  }
  return {
    kind: 'unreadable',
    mark: sealedMark,
    code: `token_${opened.reason}`,
    message:
      'The stored page access token does not open: check that FERNET_KEYS still has its key, or set meta.page_access_token anew.',
  };
}
