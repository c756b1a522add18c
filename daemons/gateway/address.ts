import type { IncomingMessage } from 'node:http';
import { headerOf } from '../../lib/http/request.ts';

/**
 * The caller's address. `X-Forwarded-For` counts only as far as our own proxies wrote it: with
 * `trustedProxies` of them in front, the entry that many places from the right.
 */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const direct = request.socket.remoteAddress ?? 'unknown';
  if (trustedProxies === 0) return direct;
  const hops = (headerOf(request, 'x-forwarded-for') ?? '').split(',').map((hop) => hop.trim());
  return hops.at(-trustedProxies) || direct;
}
