import { hold, retry, type Verdict } from '../providers/outcome.ts';

/** What is known of a mail that did not go out, as nodemailer tells it. */
export interface MailError {
  /** Nodemailer's: `EAUTH`, `ECONNECTION`, … */
  readonly code: string;
  /** The server's answer, if it gave one: 450, 550, … */
  readonly status: number | undefined;
  /** What was answered: `CONN`, `AUTH …`, `MAIL FROM`, `RCPT TO`, `DATA`. */
  readonly command: string;
}

const MINUTE_MS = 60_000;
/** The operator mends SMTP_URL or the server without a word to us: look again by and by. */
const RECHECK_MS = 5 * MINUTE_MS;
const misconfigured = (remedy: string): Verdict => hold('lane', remedy, RECHECK_MS);

const LOGIN = misconfigured(
  'The mail server does not accept the login: correct user and password in SMTP_URL and restart.',
);
const SENDER = misconfigured(
  'The mail server does not accept the sender: set MAIL_FROM to an address that it may send for and restart.',
);
const TLS = misconfigured(
  'No encrypted connection came about: correct host and port in SMTP_URL (smtps:// for port 465, smtp:// for 587), or the certificate of the server.',
);
const CLOSED = misconfigured(
  'The mail server does not talk to us: see that SMTP_URL names the right one, and that it lets this machine in.',
);
const AWAY = retry({
  scope: 'lane',
  giveUp: {
    afterAttempts: 8,
    hold: hold(
      'lane',
      'The mail server cannot be reached: correct host and port in SMTP_URL, or start the server.',
      RECHECK_MS,
    ),
  },
});

/** A mail carries its id, so one that may have gone out is simply sent again. */
const BY_CODE: Readonly<Record<string, Verdict>> = {
  EAUTH: LOGIN,
  ENOAUTH: LOGIN,
  EOAUTH2: LOGIN,
  ETLS: TLS,
  ECONNECTION: AWAY,
  ESOCKET: AWAY,
  EDNS: AWAY,
  EPROTOCOL: CLOSED,
  ECONFIG: CLOSED,
  // An address that cannot be one, or a mail that the server says is too big for it.
  EENVELOPE: { kind: 'permanent' },
  EMESSAGE: { kind: 'permanent' },
};

/**
 * What a mail's failure means: 4xx may pass, 5xx is final (RFC 5321, 4.2.1), and whom it concerns depends
 * on what was answered: the login, the sender, or this mail alone.
 */
export function verdictOfMailError({ code, status, command }: MailError): Verdict {
  if (status === undefined) return BY_CODE[code] ?? retry();
  if (status < 500) return retry({ scope: concernsAll(status, command) ? 'lane' : 'delivery' });
  if (status === 530 || status === 535 || status === 538 || command.startsWith('AUTH'))
    return LOGIN;
  if (command === 'MAIL FROM') return SENDER;
  if (command === 'RCPT TO' || command === 'DATA') return { kind: 'permanent' };
  return CLOSED;
}

/** 421: the server closes; before a recipient was named, nothing is about this mail. */
function concernsAll(status: number, command: string): boolean {
  return status === 421 || (command !== 'RCPT TO' && command !== 'DATA');
}
