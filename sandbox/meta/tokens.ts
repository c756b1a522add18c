import { createBoundedMap } from '../bounded.ts';
import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import { graphError } from './graph-errors.ts';
import { graphParameters } from './parameters.ts';
import { appSecretProof } from './signing.ts';

/** What is known of an access token that a control call registered. */
export interface TokenInfo {
  readonly is_valid: boolean;
  readonly type: string;
  readonly scopes: readonly string[];
  /** Unix seconds; 0 is never. */
  readonly expires_at: number;
}

/** A token nobody registered is good and may do everything. */
export const GENEROUS: TokenInfo = {
  is_valid: true,
  type: 'SYSTEM_USER',
  scopes: [
    'leads_retrieval',
    'pages_show_list',
    'pages_manage_metadata',
    'pages_read_engagement',
    'pages_manage_ads',
    'whatsapp_business_messaging',
    'whatsapp_business_management',
  ],
  expires_at: 0,
};

export interface GraphTokens {
  set(token: string, info: TokenInfo): void;
  infoOf(token: string): TokenInfo;
  /** The app's setting “Require App Secret”; on at first. */
  setProofRequired(isRequired: boolean): void;
  isProofRequired(): boolean;
  clear(): void;
}

export function createGraphTokens(): GraphTokens {
  const known = createBoundedMap<TokenInfo>(1_000);
  let proofRequired = true;
  return {
    set: (token, info) => known.set(token, info),
    infoOf: (token) => known.get(token) ?? GENEROUS,
    setProofRequired(isRequired) {
      proofRequired = isRequired;
    },
    isProofRequired: () => proofRequired,
    clear() {
      known.clear();
      proofRequired = true;
    },
  };
}

export function tokenOf(call: ProviderCall): string | undefined {
  return call.bearer ?? call.query.get('access_token') ?? undefined;
}

export interface TokenCheck {
  readonly tokens: GraphTokens;
  readonly appSecret: string;
  /** The permission that the call needs. */
  readonly scope: string | undefined;
  /** Refuse a call without `appsecret_proof`, if the app demands it; one that is there is checked always. */
  readonly requireProof: boolean;
}

/** The reason to refuse a call for its token, as Graph words it; undefined when the token will do. */
export function refuseToken(call: ProviderCall, check: TokenCheck): ProviderReply | undefined {
  const token = tokenOf(call);
  if (token === undefined) {
    return graphError({
      status: 401,
      code: 104,
      message: 'An access token is required to request this resource.',
      bare: true,
    });
  }
  const proof = graphParameters(call).get('appsecret_proof');
  const isAppToken = token.includes('|');
  if (proof === null && check.requireProof && check.tokens.isProofRequired() && !isAppToken) {
    return proofError('API calls from the server require an appsecret_proof argument');
  }
  if (proof !== null && proof !== appSecretProof(token, check.appSecret)) {
    return proofError('Invalid appsecret_proof provided in the API argument');
  }
  const info = check.tokens.infoOf(token);
  if (!info.is_valid) {
    return graphError({
      status: 401,
      code: 190,
      subcode: 463,
      message: 'Error validating access token: Session has expired.',
      bare: true,
    });
  }
  if (check.scope !== undefined && !info.scopes.includes(check.scope)) {
    return graphError({
      status: 403,
      code: 200,
      message: `Requires ${check.scope} permission to manage the object`,
    });
  }
  return undefined;
}

function proofError(message: string): ProviderReply {
  return graphError({
    status: 400,
    code: 100,
    message,
    type: 'GraphMethodException',
    bare: true,
  });
}
