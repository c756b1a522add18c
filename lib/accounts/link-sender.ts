import type { Mailer, MailOutcome } from '../mail/mailer.ts';
import type { LinkPurpose, NewLink } from './password-links.ts';

/** Brings a link to its user: by e-mail where there is a mail server. */
export interface LinkSender {
  readonly isByMail: boolean;
  /** The page of the gateway at which the link is redeemed; the token never reaches a server's log. */
  urlOf(token: string): string;
  /** Never rejects; called outside transactions, since a mail server may take seconds. */
  send(to: string, purpose: LinkPurpose, link: NewLink): Promise<MailOutcome>;
}

export function createLinkSender(deps: {
  /** PUBLIC_URL, where people reach the gateway. */
  readonly publicUrl: string;
  readonly mailer: Mailer | undefined;
}): LinkSender {
  const { mailer } = deps;
  const base = deps.publicUrl.replace(/\/+$/, '');
  const urlOf = (token: string) => `${base}/account/#token=${token}`;
  return {
    isByMail: mailer !== undefined,
    urlOf,
    async send(to, purpose, { token, expiresAt }) {
      if (mailer === undefined) return { ok: false, reason: 'no SMTP_URL is set' };
      const { subject, opening, ending } = TEXTS[purpose];
      const until = expiresAt.toISOString().replace('T', ' ').slice(0, 16);
      const text = `${opening}\n\n${urlOf(token)}\n\nThe link works once, until ${until} UTC.\n${ending}\n`;
      return mailer.send({ to, subject, text });
    },
  };
}

const TEXTS = {
  invitation: {
    subject: 'Choose a password for your account',
    opening: 'You were invited to manage leads. Choose a password here:',
    ending: 'If you do not know why you were invited, you need not do anything.',
  },
  reset: {
    subject: 'Choose a new password',
    opening: 'Somebody asked for a new password for your account. Choose it here:',
    ending: 'If it was not you, you need not do anything: your password stays as it is.',
  },
} as const satisfies Record<LinkPurpose, { subject: string; opening: string; ending: string }>;
