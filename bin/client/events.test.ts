import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectionState, followEvents } from './events.ts';

/** A stream of numbered events; each connection is told how many to send before it breaks. */
let server: Server;
let url: string;
let asked: (string | undefined)[];
let serve: (response: ServerResponse, after: number, connection: number) => void;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const header = request.headers['last-event-id'];
    const last = typeof header === 'string' ? header : undefined;
    asked.push(last);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    serve(response, Number(last ?? 0), asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const open = (lastEventId: string | undefined, signal: AbortSignal): Promise<Response> =>
  fetch(url, { headers: lastEventId ? { 'last-event-id': lastEventId } : {}, signal });

const event = (n: number): string => `id: ${n}\nevent: lead.created\ndata: ${n}\n\n`;

async function take(
  count: number,
  options: { silenceMs?: number; onState?: (state: ConnectionState) => void } = {},
): Promise<string[]> {
  const got: string[] = [];
  for await (const { data } of followEvents({
    open,
    signal: AbortSignal.timeout(10_000),
    firstRetryMs: 5,
    ...options,
  })) {
    got.push(data);
    if (got.length === count) break;
  }
  return got;
}

describe('followEvents', () => {
  it('misses nothing and repeats nothing when connections break inside an event', async () => {
    serve = (response, after, connection) => {
      const whole = event(after + 1) + event(after + 2);
      const cut = event(after + 3).slice(0, 5 + connection * 4);
      response.write(whole + cut, () => response.destroy());
    };
    expect(await take(7)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(asked).toEqual([undefined, '2', '4', '6']);
  });

  it('resumes from the position that the stream named before any event', async () => {
    serve = (response, after, connection) => {
      if (connection === 1)
        response.write('id: 40\n: following\n\n', () => setTimeout(() => response.destroy(), 20));
      else response.write(event(after + 1));
    };
    expect(await take(1)).toEqual(['41']);
  });

  it('takes a silent connection for a dead one', async () => {
    const states: string[] = [];
    serve = (response, after, connection) => {
      response.write(connection === 1 ? event(1) : event(after + 1));
    };
    const onState = (state: ConnectionState): void => {
      states.push(state.kind === 'waiting' ? state.why : state.kind);
    };
    expect(await take(2, { silenceMs: 150, onState })).toEqual(['1', '2']);
    expect(states).toEqual(['connecting', 'live', 'nothing heard for 0 s', 'connecting', 'live']);
  });

  it('gives up at once where no connection ever stood', async () => {
    server.close();
    server.closeAllConnections();
    await expect(take(1)).rejects.toThrow('fetch failed');
  });
});
