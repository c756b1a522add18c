import { defined } from '../../lib/core/defined.ts';
import { randomBytes } from 'node:crypto';
import type { Refusal } from '../faults/perform.ts';
import type { ProviderReply } from '../reply.ts';

export interface GraphError {
  readonly status: number;
  readonly code: number;
  /** Without the `(#code)` that Graph puts in front. */
  readonly message: string;
  readonly type?: string;
  readonly subcode?: number;
  /** WhatsApp's explanation, in `error_data`. */
  readonly details?: string;
  readonly isTransient?: boolean;
  /** Some messages carry no number. */
  readonly bare?: boolean;
}

/** The error envelope of Graph and of the WhatsApp Cloud API, which is part of it. */
export function graphError(error: GraphError): ProviderReply {
  const { status, code, message, details } = error;
  return {
    status,
    body: {
      error: {
        message: error.bare ? message : `(#${code}) ${message}`,
        type: error.type ?? 'OAuthException',
        code,
        ...defined({ error_subcode: error.subcode, is_transient: error.isTransient }),
        ...(details === undefined
          ? {}
          : { error_data: { messaging_product: 'whatsapp', details } }),
        fbtrace_id: `A${randomBytes(16).toString('base64url')}`,
      },
    },
  };
}

/** What Graph says with each code, and the HTTP status it usually comes with. */
const KNOWN: Readonly<Record<number, readonly [status: number, message: string]>> = {
  1: [500, 'An unknown error occurred'],
  2: [503, 'Service temporarily unavailable'],
  3: [500, 'Capability or permissions issue'],
  4: [400, 'Application request limit reached'],
  10: [403, 'Application does not have permission for this action'],
  17: [400, 'User request limit reached'],
  32: [400, 'Page request limit reached'],
  100: [400, 'Invalid parameter'],
  102: [401, 'Session key invalid or no longer valid'],
  103: [403, 'The app lost its access to the page’s leads in the Leads Access Manager'],
  190: [401, 'Error validating access token: The session has been invalidated'],
  200: [403, 'Permissions error'],
  341: [400, 'Application limit reached'],
  368: [403, 'The action attempted has been deemed abusive or is otherwise disallowed'],
  613: [400, 'Calls to this api have exceeded the rate limit.'],
  80001: [400, 'There have been too many calls to this Page account.'],
  80005: [400, 'There have been too many leadgen api calls to this Page account.'],
  80007: [400, 'There have been too many calls to this WhatsApp Business account.'],
  130429: [429, 'Rate limit hit'],
  130472: [400, "User's number is part of an experiment"],
  131000: [500, 'Something went wrong'],
  131008: [400, 'Required parameter is missing'],
  131009: [400, 'Parameter value is not valid'],
  131016: [500, 'Service unavailable'],
  131026: [400, 'Message undeliverable'],
  131031: [403, 'Account has been locked'],
  131042: [400, 'Business eligibility payment issue'],
  131047: [400, 'Re-engagement message'],
  131048: [400, 'Spam rate limit hit'],
  131049: [400, 'Message not delivered to maintain healthy ecosystem engagement'],
  131050: [400, 'User has stopped marketing messages from this business'],
  131051: [400, 'Unsupported message type'],
  131056: [400, '(Business Account, Consumer Account) pair rate limit hit'],
  131057: [500, 'Account in maintenance mode'],
  132000: [400, 'Number of parameters does not match the expected number of params'],
  132001: [404, 'Template name does not exist in the translation'],
  132005: [400, 'Translated text too long'],
  132007: [400, 'Template format character policy violated'],
  132012: [400, 'Parameter format does not match format in the created template'],
  132015: [400, 'Template is paused'],
  132016: [400, 'Template is disabled'],
  133004: [503, 'Server temporarily unavailable'],
  133010: [400, 'Phone number not registered'],
};

/** The usual code where a fault names only an HTTP status. */
interface UsualCodes {
  readonly tooMany: number;
  readonly unavailable: number;
  readonly broken: number;
}

const GRAPH_CODES: UsualCodes = { tooMany: 4, unavailable: 2, broken: 1 };
const WHATSAPP_CODES: UsualCodes = { tooMany: 130_429, unavailable: 131_016, broken: 131_000 };

function codeFor(status: number, usual: UsualCodes): number {
  if (status === 429) return usual.tooMany;
  if (status === 401) return 190;
  if (status === 403) return 10;
  if (status === 503) return usual.unavailable;
  return status >= 500 ? usual.broken : 100;
}

/** A known error by its code; `details` is WhatsApp's explanation. */
export function knownGraphError(code: number, details?: string): ProviderReply {
  const [status, message] = KNOWN[code] ?? [400, 'Unknown error'];
  return graphError({ status, code, message, ...(details === undefined ? {} : { details }) });
}

/** A fault's error as Graph words it. */
export function refuseAsGraph(refusal: Refusal): ProviderReply {
  return refuse(refusal, GRAPH_CODES);
}

/** A fault's error as the WhatsApp Cloud API words it. */
export function refuseAsWhatsApp(refusal: Refusal): ProviderReply {
  return refuse(refusal, WHATSAPP_CODES);
}

function refuse(refusal: Refusal, usual: UsualCodes): ProviderReply {
  const code = Number(refusal.code ?? codeFor(refusal.status ?? 500, usual));
  const [status, message] = KNOWN[code] ?? [400, 'An error occurred'];
  return graphError({
    status: refusal.status ?? status,
    code,
    message: refusal.message ?? message,
    ...(code === 1 || code === 2 ? { isTransient: true } : {}),
  });
}
