import { createServer } from 'node:http';
import { once } from 'node:events';
import { z } from 'zod';
import type { Stoppable } from '../lib/core/lifecycle.ts';

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly durationMs: number;
}

export interface Receiver extends Stoppable {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** What was posted to other paths, as it came. */
  readonly posts: readonly { readonly path: string; readonly text: string }[];
}

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const span = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes: z.array(attribute).default([]),
});
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

/** Takes traces as an OpenTelemetry collector does, over HTTP in JSON, and errors as Sentry does. */
export async function startReceiver(): Promise<Receiver> {
  const spans: ReceivedSpan[] = [];
  const posts: { path: string; text: string }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      if (request.url === '/v1/traces') spans.push(...read(text));
      else posts.push({ path: request.url ?? '', text });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    posts,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function read(text: string): ReceivedSpan[] {
  return exported.parse(JSON.parse(text)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap((scope) =>
      scope.spans.map((one) => ({
        service,
        name: one.name,
        traceId: one.traceId,
        spanId: one.spanId,
        parentSpanId: one.parentSpanId,
        attributes: valuesOf(one.attributes),
        durationMs: Number(one.endTimeUnixNano - one.startTimeUnixNano) / 1e6,
      })),
    );
  });
}

function valuesOf(attributes: readonly z.output<typeof attribute>[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
