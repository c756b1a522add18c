import { Readable } from 'node:stream';
import { TimeoutError, withTimeout } from '../../../lib/core/timeout.ts';

export interface StreamWriterLimits {
  /** A reader with more than this waiting for it is too slow to be waited for. */
  readonly mostWaitingBytes: number;
  /** How long a reader may leave a full buffer alone. */
  readonly stallMs: number;
}

/** The writing end of one live answer; what it holds for a slow reader is bounded. */
export interface StreamWriter {
  readonly stream: Readable;
  isOpen(): boolean;
  /** Whether its reader has anything left to fetch. */
  hasWaiting(): boolean;
  /** Ends the stream instead when its reader is too far behind; it may come back and resume. */
  write(chunk: Buffer | string): void;
  /** Once there is room again; ends the stream when that takes too long. */
  drained(): Promise<void>;
  /** Breaks the answer off: a reader that does not read would never see an end. */
  end(): void;
}

const ROOM_BYTES = 64 * 1024;

export function createStreamWriter(limits: StreamWriterLimits): StreamWriter {
  let onRoom = (): void => undefined;
  const stream = new Readable({ highWaterMark: ROOM_BYTES, read: () => onRoom() });
  stream.once('close', () => onRoom());
  const isOpen = () => !stream.destroyed;
  const hasRoom = () => stream.readableLength < ROOM_BYTES || !isOpen();
  const end = () => void stream.destroy();
  return {
    stream,
    isOpen,
    hasWaiting: () => stream.readableLength > 0,
    write(chunk) {
      if (!isOpen()) return;
      if (stream.readableLength > limits.mostWaitingBytes) end();
      else stream.push(chunk);
    },
    async drained() {
      if (hasRoom()) return;
      const room = new Promise<void>((resolve) => (onRoom = resolve));
      try {
        await withTimeout(room, limits.stallMs, 'reading the stream');
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        end();
      }
    },
    end,
  };
}
