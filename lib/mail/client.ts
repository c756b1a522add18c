import type { Transporter } from 'nodemailer';
import { withTimeout } from '../core/timeout.ts';
import { maskEmail } from '../providers/mask.ts';
import type { CallReport, ProviderResult } from '../providers/outcome.ts';
import { failureOf, type MailFailure } from './failure.ts';
import { MAIL_TIMEOUT_MS, mailServerOf, openTransport, type MailerSettings } from './transport.ts';

export interface PostMail {
  /** The same for every attempt: a mailbox tells repeats by it. Letters, digits and dashes. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  readonly signal?: AbortSignal | undefined;
}

export interface SentMail {
  readonly messageId: string;
  /** Of the recipients those that the server turned away, masked; it took the mail for the others. */
  readonly refused: readonly string[];
}

/** Mails as a destination sends them: many, and each with a verdict on what became of it. */
export interface MailClient {
  /** Host and port of the server, for people. */
  readonly server: string;
  /** Sends once; never throws for what the server did. `ok` when it took the mail for anybody. */
  post(mail: PostMail): Promise<ProviderResult<SentMail>>;
  /** Connects and logs in; nothing is sent. */
  verify(): Promise<ProviderResult<null>>;
  close(): Promise<void>;
}

const CONNECTIONS = 8;

/** Undefined when no mail server is named. Throws ConfigError for one without a sender. */
export function createMailClient(
  settings: MailerSettings,
  timeoutMs = MAIL_TIMEOUT_MS,
): MailClient | undefined {
  const server = mailServerOf(settings);
  if (server === undefined) return undefined;
  const { host, hostname } = new URL(server.url);
  const idDomain = domainOf(server.from) ?? (hostname || 'leadctl');
  let opened: Promise<Transporter> | undefined;
  const transport = () => (opened ??= openTransport(server.url, { connections: CONNECTIONS }));

  return {
    server: host,
    async post({ id, to, subject, text, signal }) {
      const messageId = `<${id}@${idDomain}>`;
      const deadline = AbortSignal.timeout(timeoutMs);
      const report = startReport('email.send', { host, recipients: to.length });
      try {
        const mailer = await transport();
        const sent = await mailer.sendMail({
          from: server.from,
          // As text, one with a comma or a line break in it would be read as several.
          to: to.map((address) => ({ name: '', address })),
          subject,
          text,
          messageId,
          // No automatic answer (RFC 3834), such as an absence note, may come of it.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        });
        const refused = refusedIn(sent).map(maskEmail);
        const value = { messageId, refused };
        return { kind: 'ok', value, call: report(refused.length === 0 ? {} : { refused }) };
      } catch (error) {
        return answer(failureOf(error, { host, timeoutMs, isLate: deadline.aborted }), report);
      }
    },
    async verify() {
      const report = startReport('email.verify', { host });
      try {
        await withTimeout((await transport()).verify(), timeoutMs, 'The login');
        return { kind: 'ok', value: null, call: report({}) };
      } catch (error) {
        return answer(failureOf(error, { host, timeoutMs, isLate: false }), report);
      }
    },
    async close() {
      const mailer = await opened?.catch(() => undefined);
      mailer?.close();
    },
  };
}

type Report = (more: CallReport['sent']) => CallReport;

function startReport(operation: string, sent: CallReport['sent']): Report {
  const startedAt = new Date();
  const startMs = performance.now();
  return (more) => ({
    operation,
    startedAt,
    durationMs: Math.round(performance.now() - startMs),
    httpStatus: null,
    sent: { ...sent, ...more },
    traceId: null,
  });
}

function answer({ failure, status }: MailFailure, report: Report) {
  return { ...failure, call: report(status === undefined ? {} : { smtp_status: status }) };
}

function refusedIn(sent: unknown): string[] {
  if (typeof sent !== 'object' || sent === null || !('rejected' in sent)) return [];
  return Array.isArray(sent.rejected) ? sent.rejected.map(String) : [];
}

/** Of `Leads <leads@example.com>` it is `example.com`. */
function domainOf(from: string): string | undefined {
  return /@([\w.-]+)>?\s*$/.exec(from)?.[1];
}
