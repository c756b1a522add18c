import type { Clock } from '../../lib/core/clock.ts';
import type { Refusal } from '../faults/perform.ts';
import type { ProviderCall, ProviderEndpoint } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { GoogleAccess } from './access.ts';
import { isSignedBy, readJwt, type Jwt } from './jwt.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LONGEST_LIFETIME_S = 3_600;
const CLOCK_SKEW_S = 300;

/** The OAuth token endpoint, for service accounts: RFC 7523 with Google's own rules on the claims. */
export function tokenEndpoint(deps: { access: GoogleAccess; clock: Clock }): ProviderEndpoint {
  return {
    method: 'POST',
    path: '/token',
    provider: 'google_sheets',
    operation: 'token',
    refuse: refuseAsOAuth,
    handle: (call) => exchange(call, deps),
  };
}

function exchange(
  call: ProviderCall,
  { access, clock }: { access: GoogleAccess; clock: Clock },
): ProviderReply {
  const form = readForm(call);
  if (form.get('grant_type') !== JWT_BEARER) {
    return oauthError(
      'unsupported_grant_type',
      `Invalid grant_type: ${form.get('grant_type') ?? ''}`,
    );
  }
  const jwt = readJwt(form.get('assertion') ?? '');
  if (jwt === undefined) return oauthError('invalid_grant', 'Invalid JWT: Failed to parse.');
  const email = jwt.claims.iss;
  const wrong = findFault(jwt, Math.floor(clock().getTime() / 1000));
  if (wrong !== undefined || email === undefined) {
    return oauthError('invalid_grant', wrong ?? 'Invalid JWT: iss field missing.');
  }
  const publicKey = access.publicKeyOf(email);
  if (publicKey !== undefined && !isSignedBy(jwt, publicKey)) {
    return oauthError('invalid_grant', 'Invalid JWT Signature.');
  }
  const { accessToken, expiresInSeconds } = access.issue(email);
  const body = { access_token: accessToken, expires_in: expiresInSeconds, token_type: 'Bearer' };
  return { status: 200, body };
}

/** What Google would find wrong with the assertion, in its words. */
function findFault({ algorithm, claims }: Jwt, nowS: number): string | undefined {
  const { aud, exp, iat, scope } = claims;
  if (algorithm !== 'RS256') return 'Invalid JWT: Unsupported algorithm.';
  if (scope === undefined || scope === '') {
    return 'Invalid OAuth scope or ID token audience provided.';
  }
  if (aud === undefined || !aud.endsWith('/token')) {
    return 'Invalid JWT: Failed audience check.';
  }
  const isTimely =
    iat !== undefined &&
    exp !== undefined &&
    exp > nowS - CLOCK_SKEW_S &&
    iat < nowS + CLOCK_SKEW_S &&
    exp - iat <= LONGEST_LIFETIME_S;
  return isTimely
    ? undefined
    : 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
}

function readForm(call: ProviderCall): URLSearchParams {
  const text = call.body.toString('utf8');
  if (!call.contentType.startsWith('application/json')) return new URLSearchParams(text);
  try {
    return new URLSearchParams(Object.entries(Object(JSON.parse(text))).map(toStrings));
  } catch {
    return new URLSearchParams();
  }
}

function toStrings([name, value]: [string, unknown]): [string, string] {
  return [name, String(value)];
}

function oauthError(error: string, description: string, status = 400): ProviderReply {
  return { status, body: { error, error_description: description } };
}

/** RFC 6749's errors, and Google's for its own failures; `code` is the error's name. */
function refuseAsOAuth({ status, code, message }: Refusal): ProviderReply {
  const httpStatus =
    status ?? (typeof code === 'number' && code >= 400 && code <= 599 ? code : 400);
  const usual = httpStatus >= 500 ? 'internal_failure' : 'invalid_grant';
  return oauthError(typeof code === 'string' ? code : usual, message ?? 'Bad Request', httpStatus);
}
