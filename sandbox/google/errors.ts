import type { Refusal } from '../faults/perform.ts';
import type { ProviderReply } from '../reply.ts';

/** The canonical status of each HTTP status that Google's APIs answer with. */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  403: 'The caller does not have permission',
  404: 'Requested entity was not found.',
  500: 'Internal error encountered.',
  503: 'The service is currently unavailable.',
};

/** Google's error envelope. */
export function googleError(
  status: number,
  message?: string,
  details?: readonly unknown[],
): ProviderReply {
  return {
    status,
    body: {
      error: {
        code: status,
        message: message ?? MESSAGES[status] ?? 'The request failed.',
        status: STATUS_NAMES[status] ?? 'UNKNOWN',
        ...(details ? { details } : {}),
      },
    },
  };
}

/** A fault's error: `status` is HTTP's, `code` Google's name for it (`RESOURCE_EXHAUSTED`) or HTTP's again. */
export function refuseAsGoogle(refusal: Refusal): ProviderReply {
  const status = refusal.status ?? httpStatus(refusal.code) ?? 500;
  if (status === 429) return quotaExceeded(refusal.message);
  return googleError(status, refusal.message);
}

function httpStatus(code: number | string | undefined): number | undefined {
  if (typeof code === 'number') return code >= 400 && code <= 599 ? code : undefined;
  const named = Object.entries(STATUS_NAMES).find(([, name]) => name === code);
  return named && Number(named[0]);
}

export function quotaExceeded(message?: string): ProviderReply {
  return googleError(
    429,
    message ??
      "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:100000000000'.",
    [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'RATE_LIMIT_EXCEEDED',
        domain: 'googleapis.com',
        metadata: {
          service: 'sheets.googleapis.com',
          quota_metric: 'sheets.googleapis.com/write_requests',
          quota_limit: 'WriteRequestsPerMinutePerUser',
          quota_limit_value: '60',
          consumer: 'projects/100000000000',
        },
      },
    ],
  );
}
