import { connect } from 'node:net';

export interface LoadReport {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers without a success, and connections that broke. */
  readonly errors: number;
  /** The first answer that was no success, cut. */
  readonly firstError?: string | undefined;
}

export interface LoadOptions {
  readonly url: string;
  /** `post-leads` posts a lead that nobody sent before; `get` reads the URL. */
  readonly what: 'post-leads' | 'get';
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly durationMs: number;
  /**
   * Requests a second; as many as are answered where it is left out. Latency then counts from the
   * moment at which a request was due, so that a stalled server is not excused from what it kept waiting.
   */
  readonly perSecond?: number;
}

interface Tally {
  readonly latenciesMs: number[];
  errors: number;
  firstError?: string;
}

const MOST_SHOWN = 2_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Requests over keep-alive connections, one at a time on each. Written on bare sockets: load and
 * server share two cores here, and a full HTTP client would take more of them than the server it
 * measures. Bounded in time, and it goes to a loopback address only.
 */
export async function drive(options: LoadOptions): Promise<LoadReport> {
  const target = new URL(options.url);
  if (!LOOPBACK.has(target.hostname)) throw new Error('load goes to loopback only');
  const tally: Tally = { latenciesMs: [], errors: 0 };
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: options.connections }, (_, index) =>
      driveConnection(target, options, { index, startedAt }, tally),
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
    firstError: tally.firstError,
  };
}

function driveConnection(
  target: URL,
  options: LoadOptions,
  { index, startedAt }: { index: number; startedAt: number },
  tally: Tally,
): Promise<void> {
  const { connections, durationMs, perSecond } = options;
  const head = headOf(target, options);
  const everyMs = perSecond === undefined ? 0 : (connections / perSecond) * 1000;
  return new Promise((resolve) => {
    const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    let turn = 0;
    let dueAt = 0;
    let received = '';
    const send = () => {
      received = '';
      const body = options.what === 'get' ? '' : leadText(index + turn * connections);
      turn += 1;
      socket.write(body === '' ? `${head}\r\n` : `${head}${lengthOf(body)}\r\n\r\n${body}`);
    };
    const next = () => {
      const now = performance.now();
      if (now - startedAt >= durationMs) {
        socket.end();
        return;
      }
      dueAt = everyMs === 0 ? now : startedAt + (turn + index / connections) * everyMs;
      const waitMs = dueAt - now;
      if (waitMs <= 0) send();
      else setTimeout(send, waitMs);
    };
    socket.setEncoding('latin1');
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      received += chunk;
      if (!isWhole(received)) return;
      tally.latenciesMs.push(performance.now() - dueAt);
      if (!/^HTTP\/1\.1 20[01]/.test(received)) {
        tally.errors += 1;
        tally.firstError ??= received.slice(0, MOST_SHOWN);
      }
      next();
    });
    socket.on('error', () => (tally.errors += 1));
    socket.on('close', () => resolve());
  });
}

function headOf(target: URL, { what, headers }: LoadOptions): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const method = what === 'get' ? 'GET' : 'POST';
  return `${method} ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${target.host}\r\n${lines.join('')}`;
}

const lengthOf = (body: string): string =>
  `Content-Type: application/json\r\nContent-Length: ${body.length}`;

const BODY_PAD = 'x'.repeat(120);
/** Each run sends others: nothing that a server remembers of a lead may help it. */
const FIRST = Math.floor(Math.random() * 1_000_000);

/** Each lead has an e-mail and a phone of its own, as leads do. */
function leadText(sequence: number): string {
  const number = FIRST + sequence;
  return JSON.stringify({
    name: `Ada Lovelace ${number}`,
    email: `ada.${number}@example.com`,
    phone: `+1415${2_000_000 + (number % 7_000_000)}`,
    message: BODY_PAD,
  });
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = /content-length: (\d+)/i.exec(received)?.[1];
  return received.length >= headEnd + 4 + Number(length ?? 0);
}
