import { z } from 'zod';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { rowsOf } from '../../../lib/events/outbox.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor } from '../../../lib/secrets/sealed.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';

/** Where the settings keep it: the dotted path is what the secret is bound to. */
const FIELD = 'meta.page_access_token';

/** `mark` changes whenever the stored token does. */
export type PageToken = { readonly mark: string } & (
  | { readonly kind: 'token'; readonly accessToken: string }
  | { readonly kind: 'missing' | 'unreadable'; readonly code: string; readonly message: string }
);

const row = z.object({ sealed: z.string().nullable() });

/** The client's page access token, as its settings hold it now. */
export async function readPageToken(unit: ClientUnit, keyring: Keyring): Promise<PageToken> {
  const result: unknown = await unit.trx.raw(
    `SELECT config #>> '{meta,page_access_token,sealed}' AS sealed FROM client_integrations WHERE client_id = ?`,
    [unit.scope.clientId],
  );
  const [found] = rowsOf(result);
  return openToken(
    keyring,
    unit.scope.clientId,
    found === undefined ? null : row.parse(found).sealed,
  );
}

function openToken(keyring: Keyring, clientId: ClientId, sealed: string | null): PageToken {
  if (sealed === null) {
    return {
      kind: 'missing',
      mark: '',
      code: 'token_missing',
      message: 'This client has no page access token: set meta.page_access_token.',
    };
  }
  const mark = sha256Hex(sealed);
  const opened = openFor(keyring, { clientId, field: FIELD }, sealed);
  if (opened.ok) return { kind: 'token', mark, accessToken: opened.secret };
  return {
    kind: 'unreadable',
    mark,
    code: `token_${opened.reason}`,
    message:
      'The stored page access token does not open: check that FERNET_KEYS still has its key, or set meta.page_access_token anew.',
  };
}
