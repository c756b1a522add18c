import { request, type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { seenSchema, type Seen } from './contract.ts';

const TIMEOUT_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | readonly Uint8Array[];
  readonly agent?: Agent;
}

/** Sends the path as it stands: unlike `fetch`, this neither resolves `..` nor encodes anything. */
export function send(port: number, path: string, sent: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: sent.method ?? 'GET',
        headers: sent.headers ?? {},
        agent: sent.agent ?? false,
        timeout: TIMEOUT_MS,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
    const { body } = sent;
    if (Array.isArray(body)) for (const part of body) outgoing.write(part);
    else if (typeof body === 'string' || body instanceof Uint8Array) outgoing.write(body);
    outgoing.end();
  });
}

/** What the daemon saw, when the answer is its. */
export function seenIn(answer: Answer): Seen {
  return seenSchema.parse(JSON.parse(answer.text));
}

/** The problem's code, e.g. `not_found`. */
export function codeOf(answer: Answer): unknown {
  const problem: unknown = JSON.parse(answer.text);
  return typeof problem === 'object' && problem !== null ? Reflect.get(problem, 'code') : undefined;
}
