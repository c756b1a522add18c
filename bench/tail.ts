import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { percentile } from './harness.ts';
import { aMember, load, withPlatform, ROOT, type Platform } from './platform.ts';

const FOLLOWERS = Number(process.env['BENCH_FOLLOWERS'] ?? 100);
const LEADS_A_SECOND = Number(process.env['BENCH_LEADS_A_SECOND'] ?? 1_000);
const LOAD_MS = 10_000;
const CONNECTIONS = 32;
const PORT_BASE = 18_750;
/** The others' lines are read and thrown away: the bench is to cost less than what it measures. */
const TIMED = 5;

/** From a lead's acceptance, which is a little before its commit, to its line at a follower. */
export const bench: Bench = {
  name: 'tail',
  what: `${FOLLOWERS} followers while ${LEADS_A_SECOND} leads a second come in`,
  run: () =>
    withPlatform({ root: ROOT, portBase: PORT_BASE }, async (platform) => {
      const { token } = await aMember(platform.owner);
      const latenciesMs: number[] = [];
      const streams: IncomingMessage[] = [];
      for (let n = 0; n < FOLLOWERS; n += 1) {
        streams.push(await follow(platform, token, n < TIMED ? latenciesMs : undefined));
      }
      const loaded = await load(
        {
          url: `${platform.url}/api/leads/ingest`,
          what: 'post-leads',
          headers: { 'X-API-Key': platform.apiKey },
          connections: CONNECTIONS,
          durationMs: LOAD_MS,
          perSecond: LEADS_A_SECOND,
        },
        platform,
      );
      await sleep(2_000);
      for (const stream of streams) stream.destroy();
      const sorted = latenciesMs.toSorted((a, b) => a - b);
      return {
        figures: [
          { name: 'p50', unit: 'ms', value: percentile(sorted, 0.5) },
          { name: 'p99', unit: 'ms', value: percentile(sorted, 0.99) },
          { name: 'leads', unit: '/s', value: loaded.perSecond },
          { name: 'seen', unit: '', value: sorted.length / TIMED / loaded.requests },
          { name: 'errors', unit: '', value: loaded.errors },
        ],
      };
    }),
};

async function follow(
  { url }: Platform,
  token: string,
  latenciesMs: number[] | undefined,
): Promise<IncomingMessage> {
  const asked = request(`${url}/api/clients/bench/leads/stream`, {
    headers: { Authorization: `Bearer ${token}` },
    agent: false,
  });
  asked.end();
  const [stream]: IncomingMessage[] = await once(asked, 'response');
  if (stream?.statusCode !== 200) throw new Error(`a follower got ${stream?.statusCode}`);
  stream.on('error', () => undefined);
  if (latenciesMs === undefined) stream.resume();
  else time(stream, latenciesMs);
  return stream;
}

const ACCEPTED = /"created_at":"([^"]+)"/;

function time(stream: IncomingMessage, latenciesMs: number[]): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const at = line.startsWith('data:') ? ACCEPTED.exec(line)?.[1] : undefined;
      if (at !== undefined) latenciesMs.push(Date.now() - Date.parse(at));
    }
  });
}
