import type { Transporter } from 'nodemailer';
import { ConfigError } from '../core/config.ts';

export interface MailerSettings {
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM?: string | undefined;
}

/** A mail takes no longer, from the first packet to the server's last word. */
export const MAIL_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Undefined when no mail server is named. Throws ConfigError for one without a sender. */
export function mailServerOf(
  settings: MailerSettings,
): { readonly url: string; readonly from: string } | undefined {
  const { SMTP_URL: url, MAIL_FROM: from } = settings;
  if (url === undefined) return undefined;
  if (from === undefined) {
    throw new ConfigError('SMTP_URL is set, but MAIL_FROM is not: mails need a sender.');
  }
  return { url, from };
}

/** Nodemailer is loaded when the first mail is sent: most processes never do. */
export async function openTransport(
  url: string,
  pool?: { readonly connections: number },
): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const options = {
    url,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: MAIL_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return pool === undefined
    ? createTransport(options)
    : createTransport({ ...options, pool: true, maxConnections: pool.connections });
}
