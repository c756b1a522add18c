import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';

/** A body went on past its limit; its length had not been announced. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

export interface BoundedBody {
  readonly stream: Transform;
  /** Reads what is left to nowhere, so that the connection can go on once the answer is given. */
  release(): void;
}

/**
 * The request's body on its way to another connection; fails with BodyTooLarge past `maxBytes`.
 * Apart from the request, so that whoever gives up the one does not take the caller's connection
 * with it.
 */
export function boundedBody(request: IncomingMessage, maxBytes: number): BoundedBody {
  let bytes = 0;
  const stream = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      if (bytes > maxBytes) done(new BodyTooLarge());
      else done(null, part);
    },
  });
  // Whoever reads the stream learns of its failure; by then nobody else may be listening.
  stream.on('error', () => undefined);
  request.pipe(stream);
  return {
    stream,
    release() {
      request.unpipe(stream);
      request.resume();
    },
  };
}
