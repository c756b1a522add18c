import type { Transporter } from 'nodemailer';
import { MAIL_TIMEOUT_MS, mailServerOf, openTransport, type MailerSettings } from './transport.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

/** `reason` is for whoever runs the platform, in a few words; it holds no secret. */
export type MailOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface Mailer {
  /** Never rejects, and answers within 10 s. A mail that timed out may have gone out all the same. */
  send(mail: Mail): Promise<MailOutcome>;
}

const MOST_REASON = 200;

/** Undefined when no mail server is named. Throws ConfigError for one without a sender. */
export function createMailer(settings: MailerSettings): Mailer | undefined {
  const server = mailServerOf(settings);
  if (server === undefined) return undefined;
  const { url, from } = server;
  // A connection a mail: there are few of them.
  let loaded: Promise<Transporter> | undefined;
  return {
    async send(mail) {
      try {
        loaded ??= openTransport(url);
        const transport = await loaded;
        await transport.sendMail({ from, ...mail, signal: AbortSignal.timeout(MAIL_TIMEOUT_MS) });
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: reasonOf(error) };
      }
    },
  };
}

/** The server's own words, or what kept us from hearing them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the mail could not be sent';
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const said = 'response' in error && typeof error.response === 'string' ? error.response : '';
  return `${code}${said === '' ? error.message : said}`.slice(0, MOST_REASON);
}
