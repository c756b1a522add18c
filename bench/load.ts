import { connect } from 'node:net';

export interface LoadReport {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 201, and connections that broke. */
  readonly errors: number;
}

interface LoadOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly connections: number;
  readonly durationMs: number;
}

interface Tally {
  readonly latenciesMs: number[];
  errors: number;
}

const BODY_PAD = 'x'.repeat(120);
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Posts leads over keep-alive connections, one request at a time on each. Written on bare sockets:
 * load and server share two cores here, and a full HTTP client would take more of them than the
 * server it measures. Bounded in time, and it goes to a loopback address only.
 */
export async function postLeads(options: LoadOptions): Promise<LoadReport> {
  const target = new URL(options.url);
  if (!LOOPBACK.has(target.hostname)) throw new Error('load goes to loopback only');
  const tally: Tally = { latenciesMs: [], errors: 0 };
  const startedAt = performance.now();
  const deadline = startedAt + options.durationMs;
  await Promise.all(
    Array.from({ length: options.connections }, (_, index) =>
      driveConnection(target, options, index, deadline, tally),
    ),
  );
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const sorted = tally.latenciesMs.toSorted((a, b) => a - b);
  return {
    requests: sorted.length,
    perSecond: Math.round(sorted.length / elapsedSeconds),
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    errors: tally.errors,
  };
}

function driveConnection(
  target: URL,
  options: LoadOptions,
  index: number,
  deadline: number,
  tally: Tally,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    let sequence = index;
    let sentAt = 0;
    let received = '';
    const next = () => {
      if (performance.now() >= deadline) {
        socket.end();
        return;
      }
      sentAt = performance.now();
      received = '';
      socket.write(requestText(target, options.apiKey, sequence));
      sequence += options.connections;
    };
    socket.setEncoding('latin1');
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      received += chunk;
      if (!isWhole(received)) return;
      tally.latenciesMs.push(performance.now() - sentAt);
      if (!received.startsWith('HTTP/1.1 201')) tally.errors += 1;
      next();
    });
    socket.on('error', () => (tally.errors += 1));
    socket.on('close', () => resolve());
  });
}

function requestText(target: URL, apiKey: string, sequence: number): string {
  const body = JSON.stringify({
    name: `Ada Lovelace ${sequence}`,
    email: `ada.${sequence}@example.com`,
    phone: '+14155550123',
    message: BODY_PAD,
  });
  return `POST ${target.pathname} HTTP/1.1\r\nHost: ${target.host}\r\nX-API-Key: ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = /content-length: (\d+)/i.exec(received)?.[1];
  return received.length >= headEnd + 4 + Number(length ?? 0);
}
