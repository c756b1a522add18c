import { fail, type Failure } from '../../../lib/core/errors.ts';
import { withoutMember } from '../../../lib/core/json-parts.ts';
import type { Call, SentJson } from '../../../lib/contract/handler.ts';
import type { KnownKey } from '../api-keys/known-key.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A lead as it came: what could be read of it, and all of it. */
export interface SentLead {
  readonly fields: Fields;
  readonly sent: SentJson;
}

/**
 * Where a plain HTML form (no script) wants its visitor to go next: its `_redirect`, whose origin
 * must be one of the key's, or this would send visitors anywhere. Undefined for everything else.
 */
export function formRedirect(
  fields: Fields,
  key: KnownKey,
  call: Pick<Call, 'headers'>,
): string | undefined | Failure {
  const wanted = fields['_redirect'];
  const isJson = String(call.headers['content-type']).startsWith('application/json');
  if (isJson || typeof wanted !== 'string' || wanted === '') return undefined;
  const target = URL.canParse(wanted) ? new URL(wanted) : undefined;
  return target !== undefined && isPage(target) && key.allowedOrigins.includes(target.origin)
    ? target.href
    : fail(
        'origin_not_allowed',
        '_redirect must be a full http or https address, without user and password, whose origin is among the key’s allowed origins. Nothing was stored.',
      );
}

/** The origin of a `blob:` address is that of what it was made by, but it is no page of that origin. */
function isPage({ protocol, username, password }: URL): boolean {
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

const KEY_FIELD = '_api_key';

/** A form without script cannot set a header: its key may come as a field … */
export function apiKeyField(fields: Fields): string | undefined {
  const key = fields[KEY_FIELD];
  return typeof key === 'string' ? key : undefined;
}

/** … which is never kept; all else stays as it was sent. */
export function withoutKey(fields: Fields, sent: SentJson): SentLead {
  if (!Object.hasOwn(fields, KEY_FIELD)) return { fields, sent };
  return { fields, sent: { ...sent, text: withoutMember(sent.text, KEY_FIELD) } };
}
