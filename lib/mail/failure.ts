import { TimeoutError } from '../core/timeout.ts';
import { maskText } from '../providers/mask.ts';
import { because, type ProviderFailure } from '../providers/outcome.ts';
import { verdictOfMailError } from './errors.ts';

export interface MailFailure {
  readonly failure: ProviderFailure;
  /** What the server answered, if it did. */
  readonly status: number | undefined;
}

const MOST_MESSAGE_CHARACTERS = 300;

/** From what nodemailer threw to a verdict with its reason. */
export function failureOf(
  error: unknown,
  { host, timeoutMs, isLate }: { host: string; timeoutMs: number; isLate: boolean },
): MailFailure {
  const code =
    isLate || error instanceof TimeoutError ? 'ETIMEDOUT' : (textOf(error, 'code') ?? '');
  const said = textOf(error, 'response');
  const status = /^[45]\d\d/.exec(said ?? '')?.[0];
  const command = textOf(error, 'command') ?? '';
  const known = { code, status: status === undefined ? undefined : Number(status), command };
  const reason = {
    code: status === undefined ? (NAMES[code] ?? 'mail_failed') : `smtp_${status}`,
    message: messageOf(error, { host, timeoutMs, code, said }),
  };
  return { failure: because(verdictOfMailError(known), reason), status: known.status };
}

/** Ours for what no server said, in the words of the other clients. */
const NAMES: Readonly<Record<string, string>> = {
  EAUTH: 'login_refused',
  ENOAUTH: 'login_refused',
  EOAUTH2: 'login_refused',
  ETLS: 'not_encrypted',
  ECONNECTION: 'unreachable',
  ESOCKET: 'unreachable',
  EDNS: 'unreachable',
  ETIMEDOUT: 'timeout',
  EABORT: 'aborted',
  EENVELOPE: 'invalid_address',
  EMESSAGE: 'mail_refused',
};

function messageOf(
  error: unknown,
  about: { host: string; timeoutMs: number; code: string; said: string | undefined },
): string {
  const { host, timeoutMs, code, said } = about;
  if (said !== undefined) {
    return maskText(`${host} answered ${said}`.slice(0, MOST_MESSAGE_CHARACTERS)).trim();
  }
  if (code === 'ETIMEDOUT') return `${host} did not answer within ${timeoutMs} ms.`;
  if (code === 'EABORT') return `The call to ${host} was given up on our side.`;
  const why = error instanceof Error ? error.message : String(error);
  return maskText(`${host}: ${why}`.slice(0, MOST_MESSAGE_CHARACTERS));
}

function textOf(error: unknown, name: 'code' | 'response' | 'command'): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
