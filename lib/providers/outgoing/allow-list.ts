import ipaddr from 'ipaddr.js';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Inner addresses that clients' own URLs may reach all the same. */
export interface AllowList {
  /** Whether `host:port` itself was named, whatever it resolves to. */
  names(target: { host: string; port: number }): boolean;
  /** `address` is what `host` resolved to; an IPv4 address inside an IPv6 one counts as IPv4. */
  allows(target: { host: string; port: number; address: string }): boolean;
}

/** Reads `host:port` and CIDR entries; throws a TypeError that names the first it cannot read. */
export function parseAllowList(entries: readonly string[]): AllowList {
  const ranges: Range[] = [];
  const places = new Set<string>();
  for (const entry of entries) {
    if (entry.includes('/')) ranges.push(readRange(entry));
    else places.add(readPlace(entry));
  }
  const names: AllowList['names'] = ({ host, port }) => places.has(`${host.toLowerCase()}:${port}`);
  return {
    names,
    allows({ host, port, address }) {
      if (names({ host, port })) return true;
      const parsed = ipaddr.process(address);
      return ranges.some((range) => isWithin(parsed, range));
    },
  };
}

function readRange(entry: string): Range {
  try {
    return ipaddr.parseCIDR(entry);
  } catch {
    throw new TypeError(`"${entry}" is no address range such as 10.0.0.0/8`);
  }
}

function readPlace(entry: string): string {
  if (!/^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(entry)) {
    throw new TypeError(`"${entry}" is neither host:port nor an address range such as 10.0.0.0/8`);
  }
  return entry.toLowerCase().replaceAll(/[[\]]/g, '');
}

function isWithin(address: ReturnType<typeof ipaddr.process>, [base, bits]: Range): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}
