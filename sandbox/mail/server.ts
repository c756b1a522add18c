import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { callbackify } from 'node:util';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Clock } from '../../lib/core/clock.ts';
import type { Logger } from '../../lib/telemetry/log.ts';
import type { FaultStore } from '../faults/faults.ts';
import type { RequestLog } from '../request-log.ts';
import type { Mailbox } from './mailbox.ts';

export interface MailServerDeps {
  readonly mailbox: Mailbox;
  readonly faults: FaultStore;
  readonly requests: RequestLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly changed: () => void;
}

export interface MailServer {
  /** Resolves with the port once it listens; 0 asks for any that is free. */
  listen(options: { port: number; host: string }): Promise<number>;
  stop(): Promise<void>;
}

const MAX_MAIL_BYTES = 5 * 1024 * 1024;
const LONGEST_HANG_MS = 300_000;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * A mail server for SMTP_URL that keeps what it is sent. A fault's `code` is an SMTP code: 451 for
 * later, 550 for never.
 */
export function createMailServer(deps: MailServerDeps): MailServer {
  const stopping = new AbortController();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: MAX_MAIL_BYTES,
    closeTimeout: CLOSE_TIMEOUT_MS,
    onAuth: (_auth, _session, callback) => callback(null, { user: 'anybody' }),
    onData(stream, session, callback) {
      callbackify(() => receive(deps, stream, session, stopping.signal))(callback);
    },
  });
  server.on('error', (error) => deps.log.debug({ err: error }, 'a mail connection broke'));
  return {
    async listen({ port, host }) {
      server.listen(port, host);
      await once(server.server, 'listening');
      const address = server.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    async stop() {
      stopping.abort();
      if (!server.server.listening) return;
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function receive(
  deps: MailServerDeps,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  stopping: AbortSignal,
): Promise<void> {
  const raw = (await buffer(stream)).toString('utf8');
  const { mailFrom, rcptTo } = session.envelope;
  const to = rcptTo.map(({ address }) => address);
  const call = { provider: 'email', operation: 'send', subject: to[0] } as const;
  const fault = deps.faults.take(call);
  const entry = deps.requests.open({
    ...call,
    method: 'SMTP',
    path: '/',
    auth: undefined,
    fault: fault?.id,
  });
  const keep = () => {
    deps.mailbox.add({
      from: mailFrom === false ? '' : mailFrom.address,
      to,
      raw,
      at: deps.clock().toISOString(),
    });
    deps.changed();
  };
  const { spec } = fault ?? { spec: undefined };
  if (spec?.delay_ms !== undefined) await pause(spec.delay_ms, stopping);
  if (spec?.hang_after_accept === true) {
    keep();
    await pause(LONGEST_HANG_MS, stopping);
  }
  if (spec?.code !== undefined) {
    const code = Number(spec.code);
    entry.close(code);
    throw Object.assign(new Error(spec.message ?? 'The sandbox was told to refuse this.'), {
      responseCode: code,
    });
  }
  if (spec?.hang_after_accept !== true) keep();
  entry.close(250);
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal }).catch(() => undefined);
}
