import type { IncomingMessage } from 'node:http';
import rawBody from 'raw-body';
import { fail, isFailure, type Failure } from '../core/errors.ts';
import { parseJson as parseJsonLosslessly } from '../core/lossless-json.ts';
import { headerOf } from './request.ts';
import { collectFields, type ParsedBody } from './fields.ts';
import { parseMultipart } from './multipart.ts';

const READ_TIMEOUT_MS = 20_000;

/** The body's bytes, at most `maxBytes`; a longer one is dropped unread. */
export async function readBytes(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | Failure> {
  const length = headerOf(request, 'content-length');
  const abandoned = setTimeout(() => request.destroy(), READ_TIMEOUT_MS);
  try {
    return await rawBody(request, { limit: maxBytes, length: length ?? null });
  } catch (error) {
    // The rest is read and thrown away, so that the caller gets to see the answer.
    request.resume();
    return isTooLarge(error)
      ? bodyTooLarge(maxBytes)
      : fail('malformed_request', 'The body ended before its announced length.');
  } finally {
    clearTimeout(abandoned);
  }
}

export function bodyTooLarge(maxBytes: number): Failure {
  return fail('body_too_large', `The body may be at most ${maxBytes} bytes.`, {
    headers: { Connection: 'close' },
  });
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'entity.too.large';
}

type BodyParser = (
  bytes: Buffer,
  contentType: string,
) => ParsedBody | Failure | Promise<ParsedBody | Failure>;

const PARSERS: ReadonlyMap<string, BodyParser> = new Map<string, BodyParser>([
  ['application/json', parseJson],
  ['application/x-www-form-urlencoded', parseUrlencoded],
  ['multipart/form-data', parseMultipart],
]);

/** Reads a body of the kind the route takes: `json` alone, or any that a `form` can send. */
export async function readBody(
  request: IncomingMessage,
  kind: 'json' | 'form',
  maxBytes: number,
): Promise<ParsedBody | Failure> {
  const contentType = headerOf(request, 'content-type') ?? '';
  const mediaType = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  const parser =
    kind === 'json' && mediaType !== 'application/json' ? undefined : PARSERS.get(mediaType);
  if (parser === undefined || hasForeignCharset(contentType)) {
    request.resume();
    return fail('unsupported_media_type', unsupported(contentType, kind));
  }
  const bytes = await readBytes(request, maxBytes);
  return isFailure(bytes) ? bytes : parser(bytes, contentType);
}

function hasForeignCharset(contentType: string): boolean {
  const charset = /;\s*charset="?([\w-]+)/i.exec(contentType)?.[1];
  return charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset);
}

function unsupported(contentType: string, kind: 'json' | 'form'): string {
  const expected =
    kind === 'json'
      ? 'application/json'
      : 'application/json, application/x-www-form-urlencoded or multipart/form-data';
  const given = contentType === '' ? 'no content type' : `"${contentType.slice(0, 100)}"`;
  return `This route takes ${expected} in UTF-8; the request has ${given}.`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeUtf8(bytes: Uint8Array): string | Failure {
  try {
    return utf8.decode(bytes);
  } catch {
    return fail('malformed_request', 'The body is not UTF-8.');
  }
}

function parseJson(bytes: Buffer): ParsedBody | Failure {
  const text = decodeUtf8(bytes);
  if (isFailure(text)) return text;
  try {
    return { value: parseLossless(text), text };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it could not be parsed';
    return fail('malformed_request', `The body is not JSON: ${reason.slice(0, 200)}`);
  }
}

const LONG_NUMBER = /\d{16}/;

/** Numbers that a double cannot hold stay the digits that were sent; looked for only where there may be one. */
function parseLossless(text: string): unknown {
  return LONG_NUMBER.test(text) ? parseJsonLosslessly(text) : JSON.parse(text);
}

function parseUrlencoded(bytes: Buffer): ParsedBody | Failure {
  const text = decodeUtf8(bytes);
  if (isFailure(text)) return text;
  return collectFields([...new URLSearchParams(text)]);
}
