import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

/** A POST whose head announces `length` bytes, of which none is ever sent; the answer all the same. */
export async function postHeadOnly(
  url: string,
  headers: Readonly<Record<string, string>>,
  length: number,
): Promise<{ status: number | undefined; body: unknown }> {
  const sent = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(length) },
    signal: AbortSignal.timeout(5_000),
  });
  sent.flushHeaders();
  try {
    const [response]: IncomingMessage[] = await once(sent, 'response');
    if (response === undefined) throw new Error('there was no answer');
    return { status: response.statusCode, body: await json(response) };
  } finally {
    sent.on('error', () => undefined);
    sent.destroy();
  }
}
