import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { AllowList } from './allow-list.ts';

/** A client's URL led to an address that is ours to protect; nothing was sent. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/**
 * Why a URL that a client gave may not be called, as far as the text alone tells; undefined when
 * only its addresses remain to be judged. `new URL` has already turned 0x7f.1, 2130706433 and
 * 0177.0.0.1 into 127.0.0.1.
 */
export function refuseUrl(url: URL, allow: AllowList): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return 'only http:// and https:// addresses can be called';
  }
  if (url.username !== '' || url.password !== '') {
    return 'put no user name or password into the address; send a header instead';
  }
  const host = bareHost(url.hostname);
  return isIP(host) === 0
    ? undefined
    : refuseAddress({ host, port: portOf(url), address: host }, allow);
}

/** Why nothing may connect to this address; undefined when it is public, or named as allowed. */
export function refuseAddress(
  target: { host: string; port: number; address: string },
  allow: AllowList,
): string | undefined {
  if (isPublic(target.address) || allow.allows(target)) return undefined;
  return `${target.host} is not a public address`;
}

/** `unicast` is what is left when every special range is taken away: loopback, private, link-local, … */
function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** Without the brackets of an IPv6 address and the dot of a fully qualified name. */
export function bareHost(hostname: string): string {
  return hostname.replaceAll(/[[\]]/g, '').replace(/\.$/, '').toLowerCase();
}

/** The one that is meant where the URL names none, too. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
