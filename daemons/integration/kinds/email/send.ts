import type { Clock } from '../../../../lib/core/clock.ts';
import type { MailClient } from '../../../../lib/mail/client.ts';
import { because, hold, type ProviderResult } from '../../../../lib/providers/outcome.ts';
import { createPlainWork, type PlainKind } from '../../sending/plain.ts';
import { subjectOf, textOf, type LeadMail } from './message.ts';
import { namesPeople, nobody, recipientsOf } from './recipients.ts';
import { emailSettings, type EmailSettings } from './settings.ts';

export interface EmailDeps {
  /** Undefined where no mail server is named. */
  readonly client: MailClient | undefined;
  readonly clock: Clock;
}

const IN_FLIGHT = 4;

export function emailDeliveries({ client }: EmailDeps): PlainKind<EmailSettings, LeadMail> {
  return {
    settings: emailSettings,
    inFlight: IN_FLIGHT,
    wantsPeople: ({ settings }) => namesPeople(settings),
    render(one) {
      const to = recipientsOf(one.settings, one.people);
      if (to.length === 0) return { skip: nobody(one.settings) };
      return { to, subject: subjectOf(one), text: textOf(one) };
    },
    suppressible: {
      channel: 'email',
      to: ({ to }) => to,
      without(mail, suppressed) {
        const to = mail.to.filter((address) => !suppressed.has(address));
        return to.length === 0 ? null : { ...mail, to };
      },
    },
    async send(mail, { delivery, signal }) {
      if (client === undefined) return noServer();
      const sent = await client.post({ ...mail, id: delivery.id, signal });
      return sent.kind === 'ok' ? { ...sent, value: { reference: sent.value.messageId } } : sent;
    },
  };
}

export const createEmailWork = (deps: EmailDeps) =>
  createPlainWork(emailDeliveries(deps), { clock: deps.clock });

/** Whoever names one restarts the process, which does not release the lane: look again by and by. */
const RECHECK_MS = 300_000;

export const NO_SERVER = {
  code: 'no_mail_server',
  message: 'No mail server is set.',
  remedy: 'Set SMTP_URL and MAIL_FROM for the worker and restart it; what waits is then sent.',
};

function noServer(): ProviderResult<never> {
  const call = {
    operation: 'email.send',
    startedAt: new Date(),
    durationMs: 0,
    httpStatus: null,
    sent: {},
    traceId: null,
  };
  return { ...because(hold('lane', NO_SERVER.remedy, RECHECK_MS), NO_SERVER), call };
}
