import { Busboy } from '@fastify/busboy';
import { fail, type Failure } from '../core/errors.ts';
import { collectFields, type ParsedBody } from './fields.ts';

/** What is kept of an uploaded file: leads carry no attachments, but nothing vanishes unmentioned. */
interface FileNote {
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly stored: false;
}

const MOST_FIELDS = 1000;

/** Fields of a multipart body, in the order sent. The bytes are already bounded by the caller. */
export async function parseMultipart(
  bytes: Buffer,
  contentType: string,
): Promise<ParsedBody | Failure> {
  const fields: (readonly [string, string | FileNote])[] = [];
  return new Promise((resolve) => {
    const broken = (error: unknown) =>
      resolve(
        fail(
          'malformed_request',
          `The body is not multipart/form-data: ${error instanceof Error ? error.message : 'broken'}`,
        ),
      );
    try {
      const parser = new Busboy({
        headers: { 'content-type': contentType },
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
      parser.on('fieldsLimit', () => broken(new Error(`more than ${MOST_FIELDS} fields`)));
      parser.on('error', broken);
      parser.on('finish', () => resolve(collectFields(fields)));
      parser.end(bytes);
    } catch (error) {
      broken(error);
    }
  });
}
