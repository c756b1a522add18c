import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import { DEFAULT_WABA_ID } from '../whatsapp/phone-numbers.ts';
import type { MetaDeps } from './deps.ts';
import { graphError } from './graph-errors.ts';
import { APP_ID } from './subscription-endpoints.ts';
import { refuseToken } from './tokens.ts';

/** GET /debug_token */
export function debugToken(call: ProviderCall, deps: MetaDeps): ProviderReply {
  const refusal = refuseToken(call, { ...deps, scope: undefined, requireProof: false });
  if (refusal) return refusal;
  const inspected = call.query.get('input_token');
  if (inspected === null) {
    return graphError({
      status: 400,
      code: 100,
      message: 'You must provide an input token',
    });
  }
  const info = deps.tokens.infoOf(inspected);
  const error = {
    code: 190,
    message: 'Error validating access token: Session has expired.',
    subcode: 463,
  };
  const data = {
    app_id: APP_ID,
    type: info.type,
    application: 'leadctl sandbox',
    data_access_expires_at: 0,
    expires_at: info.expires_at,
    is_valid: info.is_valid,
    ...(info.is_valid ? {} : { error }),
    scopes: info.scopes,
    granular_scopes: info.scopes.map((scope) =>
      scope.startsWith('whatsapp') ? { scope, target_ids: [DEFAULT_WABA_ID] } : { scope },
    ),
  };
  return { status: 200, body: { data } };
}
