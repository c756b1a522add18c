import { createServer, type Server } from 'node:http';
import { listen } from '../../lib/http/server.ts';
import { createLogger } from '../../lib/telemetry/log.ts';
import { createMetrics } from '../../lib/telemetry/metrics.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { createSandboxDaemon, type SandboxDeps } from '../daemon.ts';

export const APP_SECRET = 'the-app-secret-of-the-tests';
export const VERIFY_TOKEN = 'the-verify-token-of-the-tests';

export interface ReceivedWebhook {
  readonly signature: string;
  readonly body: string;
}

/** A listening sandbox, and a receiver in the gateway's place. */
export interface TestSandbox {
  readonly url: string;
  readonly received: ReceivedWebhook[];
  /** How the receiver answers; 200 at first. */
  answerWith(status: number): void;
  /** For SMTP_URL. */
  readonly smtpUrl: string;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startSandbox(overrides: Partial<SandboxDeps> = {}): Promise<TestSandbox> {
  const received: ReceivedWebhook[] = [];
  let status = 200;
  const receiver = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://receiver');
    if (request.method === 'GET') {
      const isKnown = url.searchParams.get('hub.verify_token') === VERIFY_TOKEN;
      response.statusCode = isKnown ? 200 : 403;
      response.end(isKnown ? url.searchParams.get('hub.challenge') : '');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = String(request.headers['x-hub-signature-256']);
      received.push({ signature, body: Buffer.concat(chunks).toString('utf8') });
      response.statusCode = status;
      response.end();
    });
  });
  const gatewayPort = await listenAnywhere(receiver);
  const daemon = createSandboxDaemon({
    version: 'test',
    log: createLogger({ service: 'sandbox', version: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'sandbox', processMetrics: false }),
    clock: systemClock,
    validateResponses: true,
    maxBodyBytes: 262_144,
    gatewayUrl: () => `http://127.0.0.1:${gatewayPort}`,
    appSecret: APP_SECRET,
    verifyToken: VERIFY_TOKEN,
    smtp: { port: 0, host: '127.0.0.1' },
    ...overrides,
  });
  const server = await listen(daemon.listener, { port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    smtpUrl: `smtp://127.0.0.1:${await daemon.smtpPort}`,
    received,
    answerWith(next) {
      status = next;
    },
    async control(method, path, body) {
      const response = await fetch(`${url}/_sandbox${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async stop() {
      await daemon.stop();
      await server.stop();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
}

async function listenAnywhere(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return address.port;
}
