import { request, Agent } from 'node:http';

export interface LoadReport {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 201, and connections that broke. */
  readonly errors: number;
}

const BODY_PAD = 'x'.repeat(120);

/**
 * Posts leads to `url` over keep-alive connections for `durationMs`, one request at a time on each.
 * Bounded: it ends by itself, and only a loopback address is accepted.
 */
export async function postLeads(options: {
  url: string;
  apiKey: string;
  connections: number;
  durationMs: number;
}): Promise<LoadReport> {
  const target = new URL(options.url);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(target.hostname)) {
    throw new Error('load goes to loopback only');
  }
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const latencies: number[] = [];
  let errors = 0;
  const startedAt = performance.now();
  const deadline = startedAt + options.durationMs;

  const one = (sequence: number): Promise<void> =>
    new Promise((resolve) => {
      const body = JSON.stringify({
        name: `Ada Lovelace ${sequence}`,
        email: `ada.${sequence}@example.com`,
        phone: '+14155550123',
        message: BODY_PAD,
      });
      const sentAt = performance.now();
      const outgoing = request(
        target,
        {
          method: 'POST',
          agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'x-api-key': options.apiKey,
          },
        },
        (response) => {
          response.resume();
          response.once('end', () => {
            latencies.push(performance.now() - sentAt);
            if (response.statusCode !== 201) errors += 1;
            resolve();
          });
        },
      );
      outgoing.once('error', () => {
        errors += 1;
        resolve();
      });
      outgoing.end(body);
    });

  const worker = async (index: number): Promise<void> => {
    for (let sequence = index; performance.now() < deadline; sequence += options.connections) {
      await one(sequence);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, (_, index) => worker(index)));
  agent.destroy();
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    requests: latencies.length,
    perSecond: Math.round(latencies.length / elapsedSeconds),
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    errors,
  };
}

const [url, apiKey, connections, durationMs] = process.argv.slice(2);
if (url !== undefined && apiKey !== undefined) {
  const report = await postLeads({
    url,
    apiKey,
    connections: Number(connections),
    durationMs: Number(durationMs),
  });
  console.log(JSON.stringify(report));
}
