import type { IncomingMessage } from 'node:http';
import { headerOf } from '../../lib/http/request.ts';
import type { Logger } from '../../lib/telemetry/log.ts';

/** What is known of a request's way here. */
export interface Proxies {
  /**
   * The caller's address. `X-Forwarded-For` counts only as far as our own proxies wrote it: with so
   * many of them in front, the entry that many places from the right.
   */
  addressOf(request: IncomingMessage): string;
  /** Whether the caller came by https, as far as a proxy of ours says. */
  isHttps(request: IncomingMessage): boolean;
}

/** With none trusted, a proxy that shows itself is mentioned once: all its callers share one address. */
export function createProxies(deps: { trusted: number; log: Logger }): Proxies {
  const { trusted, log } = deps;
  let isMentioned = false;
  return {
    addressOf(request) {
      const direct = request.socket.remoteAddress ?? 'unknown';
      const forwarded = headerOf(request, 'x-forwarded-for');
      if (trusted > 0) return entriesOf(forwarded).at(-trusted) || direct;
      if (forwarded !== undefined && !isMentioned) {
        isMentioned = true;
        log.warn(
          'X-Forwarded-For arrives, and is not believed: if a proxy of yours sends it, set TRUSTED_PROXIES to how many there are (1 for one); until then everybody behind it counts as one address',
        );
      }
      return direct;
    },
    isHttps: (request) =>
      trusted > 0 && entriesOf(headerOf(request, 'x-forwarded-proto')).at(-1) === 'https',
  };
}

function entriesOf(header: string | undefined): string[] {
  return (header ?? '').split(',').map((entry) => entry.trim());
}
