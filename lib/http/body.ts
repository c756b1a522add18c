import type { IncomingMessage } from 'node:http';
import rawBody from 'raw-body';
import { fail, isFailure, type Failure } from '../core/errors.ts';
import { parseItems, type ItemsSpec } from './items-body.ts';
import type { ParsedBody } from './fields.ts';
import { parseJson, parseSentJson } from './json-body.ts';
import { parseMultipart } from './multipart.ts';
import { headerOf } from './request.ts';
import { parseUrlencoded } from './urlencoded.ts';

const READ_TIMEOUT_MS = 20_000;

/** The body's bytes, at most `maxBytes`; a longer one is dropped unread. */
export async function readBytes(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | Failure> {
  return readArrived(request, maxBytes) ?? readComing(request, maxBytes);
}

/** What has arrived whole by now, as most bodies have: there is nothing to wait for. */
function readArrived(request: IncomingMessage, maxBytes: number): Buffer | undefined {
  const isWhole = request.complete && !request.readableEnded && request.readableFlowing === null;
  if (!isWhole || request.readableLength > maxBytes || request.readableLength === 0) {
    return undefined;
  }
  const bytes: unknown = request.read();
  return Buffer.isBuffer(bytes) ? bytes : undefined;
}

async function readComing(request: IncomingMessage, maxBytes: number): Promise<Buffer | Failure> {
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

/**
 * Reads what is left of a body that nobody wants to nowhere, so that a caller who is still sending
 * gets to see the answer and the connection can go on. One that sends more than `maxBytes`, or takes
 * too long over it, is cut off.
 */
export function discardBody(request: IncomingMessage, maxBytes: number): void {
  if (request.complete && request.readableLength === 0) return void request.resume();
  let bytes = 0;
  const abandoned = setTimeout(() => request.destroy(), READ_TIMEOUT_MS);
  request.once('close', () => clearTimeout(abandoned));
  request.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > maxBytes) request.destroy();
  });
}

type BodyParser = (
  bytes: Buffer,
  contentType: string,
) => ParsedBody | Failure | Promise<ParsedBody | Failure>;

const OF_FORMS: ReadonlyMap<string, BodyParser> = new Map<string, BodyParser>([
  ['application/json', parseSentJson],
  ['application/x-www-form-urlencoded', parseUrlencoded],
  ['multipart/form-data', parseMultipart],
]);
const OF_JSON: ReadonlyMap<string, BodyParser> = new Map([['application/json', parseJson]]);

/** Reads a body of the kind the route takes: `json` alone, or any that a `form` can send. */
export async function readBody(
  request: IncomingMessage,
  kind: 'json' | 'form',
  maxBytes: number,
): Promise<ParsedBody | Failure> {
  const contentType = headerOf(request, 'content-type') ?? '';
  const parser = (kind === 'json' ? OF_JSON : OF_FORMS).get(mediaTypeOf(contentType));
  if (parser === undefined || hasForeignCharset(contentType)) {
    return fail('unsupported_media_type', unsupported(contentType, kind));
  }
  const bytes = await readBytes(request, maxBytes);
  return isFailure(bytes) ? bytes : parser(bytes, contentType);
}

/** Reads a JSON body that is one list, item by item. */
export async function readItems(request: IncomingMessage, spec: ItemsSpec, maxBytes: number) {
  const contentType = headerOf(request, 'content-type') ?? '';
  if (mediaTypeOf(contentType) !== 'application/json' || hasForeignCharset(contentType)) {
    return fail('unsupported_media_type', unsupported(contentType, 'json'));
  }
  const bytes = await readBytes(request, maxBytes);
  return isFailure(bytes) ? bytes : parseItems(bytes, spec);
}

function mediaTypeOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
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
