import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { AddressRefusedError, bareHost, refuseAddress } from './address.ts';
import type { AllowList } from './allow-list.ts';

/** Every address of a name; as `dns.lookup` with `all`. */
export type ResolveAll = (
  host: string,
  callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface OutgoingAgentOptions {
  readonly allow: AllowList;
  readonly connectTimeoutMs: number;
  /** Connections to one origin. */
  readonly connections: number;
  /** The system's resolver unless a test brings its own. */
  readonly resolve?: ResolveAll;
}

/**
 * Connects to public addresses only, and to exactly those that were judged: the socket is given the
 * checked addresses, so a name that changes its answer between check and call changes nothing.
 */
export function createOutgoingAgent(options: OutgoingAgentOptions): Agent {
  const { allow, connectTimeoutMs, connections, resolve = systemResolve } = options;
  return new Agent({
    connections,
    connect(target, callback) {
      const host = bareHost(target.hostname);
      const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
      const judge = (address: string) => refuseAddress({ host, port, address }, allow);
      const refusal = isIP(host) === 0 ? undefined : judge(host);
      if (refusal !== undefined) {
        callback(new AddressRefusedError(refusal), null);
        return;
      }
      buildConnector({ timeout: connectTimeoutMs, lookup: judgedLookup(resolve, judge) })(
        target,
        callback,
      );
    },
  });
}

/** A name with one inner address among public ones is refused whole: which one answers is chance. */
function judgedLookup(
  resolve: ResolveAll,
  judge: (address: string) => string | undefined,
): LookupFunction {
  return (host, lookupOptions, callback) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses;
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`${host} has no address`), '');
        return;
      }
      const refusal = addresses
        .map(({ address }) => judge(address))
        .find((reason) => reason !== undefined);
      if (refusal !== undefined) callback(new AddressRefusedError(refusal), '');
      else if (lookupOptions.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

// The second argument is missing when the first is an error, whatever the type says.
const systemResolve: ResolveAll = (host, callback) => {
  systemLookup(host, { all: true }, (error, addresses) =>
    error === null ? callback(null, addresses) : callback(error, []),
  );
};
