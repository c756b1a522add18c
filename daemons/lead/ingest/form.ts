import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { Call } from '../../../lib/contract/handler.ts';
import type { KnownKey } from '../api-keys/directory.ts';

/**
 * Where a plain HTML form (no script) wants its visitor to go next: its `_redirect`, whose origin
 * must be one of the key's, or this would send visitors anywhere. Undefined for everything else.
 */
export function formRedirect(
  fields: Readonly<Record<string, unknown>>,
  key: KnownKey,
  call: Pick<Call, 'headers'>,
): string | undefined | Failure {
  const wanted = fields['_redirect'];
  const isJson = String(call.headers['content-type']).startsWith('application/json');
  if (isJson || typeof wanted !== 'string' || wanted === '') return undefined;
  const target = URL.canParse(wanted) ? new URL(wanted) : undefined;
  return target !== undefined && key.allowedOrigins.includes(target.origin)
    ? target.href
    : fail(
        'origin_not_allowed',
        '_redirect must be a full address whose origin is among the key’s allowed origins. Nothing was stored.',
      );
}

/** A form without script cannot set a header: its key may come as a field, which is never kept. */
export function withoutKey(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!('_api_key' in fields)) return fields;
  const { _api_key: _secret, ...rest } = fields;
  return rest;
}
