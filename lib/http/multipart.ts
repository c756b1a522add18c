import { Busboy } from '@fastify/busboy';
import { fail, isFailure, type Failure } from '../core/errors.ts';
import {
  collectFields,
  decodeFormBytes,
  guessWarning,
  MOST_FIELDS,
  tooManyFields,
  type ParsedBody,
} from './fields.ts';

/** What is kept of an uploaded file: leads carry no attachments, but nothing vanishes unmentioned. */
interface FileNote {
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly stored: false;
}

type Field = readonly [name: string, content: string | FileNote];

/** Fields of a multipart body, in the order sent. The bytes are already bounded by the caller. */
export async function parseMultipart(
  bytes: Buffer,
  contentType: string,
): Promise<ParsedBody | Failure> {
  const fields = await readParts(bytes, contentType, 'utf8');
  if (isFailure(fields)) return fields;
  const isSound = fields.every(([, content]) => !isReplaced(content));
  if (isSound) return collectFields(fields);
  // Not all of it was UTF-8: once more, a character for each byte, and each field by its own.
  const raw = await readParts(bytes, contentType, 'latin1');
  if (isFailure(raw)) return raw;
  const warnings = new Set<string>();
  const decoded = raw.map(([name, content]): Field => {
    if (typeof content !== 'string' || /[^\0-\u{FF}]/u.test(content)) return [name, content];
    const { text, isGuess } = decodeFormBytes(Buffer.from(content, 'latin1'));
    if (isGuess) warnings.add(guessWarning(name));
    return [name, text];
  });
  return collectFields(decoded, [...warnings]);
}

function isReplaced(content: string | FileNote): boolean {
  return typeof content === 'string' && content.includes('\u{FFFD}');
}

function readParts(
  bytes: Buffer,
  contentType: string,
  defaultCharset: 'utf8' | 'latin1',
): Promise<readonly Field[] | Failure> {
  const fields: Field[] = [];
  return new Promise((resolve) => {
    const broken = (error: unknown) => resolve(notMultipart(error));
    try {
      const parser = new Busboy({
        headers: { 'content-type': contentType },
        defCharset: defaultCharset,
        limits: { fields: MOST_FIELDS, files: MOST_FIELDS, fieldSize: bytes.length + 1 },
      });
      parser.on('field', (name, value) => fields.push([name, value]));
      parser.on('file', (name, stream, filename, _encoding, mimeType) => {
        let size = 0;
        stream.on('data', (chunk: Buffer) => (size += chunk.length));
        stream.on('end', () =>
          fields.push([
            name,
            { filename, content_type: mimeType, size_bytes: size, stored: false },
          ]),
        );
      });
      parser.on('fieldsLimit', () => resolve(tooManyFields()));
      parser.on('filesLimit', () => resolve(tooManyFields()));
      parser.on('error', broken);
      parser.on('finish', () => resolve(fields));
      parser.end(bytes);
    } catch (error) {
      broken(error);
    }
  });
}

function notMultipart(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : 'broken';
  return fail('malformed_request', `The body is not multipart/form-data: ${reason}`);
}
