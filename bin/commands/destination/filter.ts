import type { ShownDestination } from '../../../daemons/integration/contract.ts';
import { usageError } from '../../cli/failure.ts';

export type Filter = ShownDestination['filter'];
type Status = NonNullable<Filter['statuses']>[number];

/** What `--filter` takes; products are looked up by whoever has the catalogue. */
export interface TypedFilter {
  readonly sources: readonly string[];
  readonly products: readonly string[];
  readonly statuses: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

const LISTS: Readonly<Record<string, 'sources' | 'products' | 'statuses'>> = {
  source: 'sources',
  product: 'products',
  status: 'statuses',
};

/** `source=website,app`, `field:city=Berlin`; `none` alone for every lead. */
export function parseFilter(typed: readonly string[]): TypedFilter {
  const lists = { sources: [], products: [], statuses: [] } satisfies Record<string, string[]>;
  const found: { [List in keyof typeof lists]: string[] } = lists;
  const fields: [string, string][] = [];
  for (const one of typed) {
    if (one === 'none' && typed.length === 1) continue;
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    const list = LISTS[key];
    if (key.startsWith('field:') && key !== 'field:') fields.push([key.slice(6), value]);
    else if (list !== undefined && value !== '') found[list].push(...value.split(','));
    else {
      throw usageError(
        `--filter does not take '${one}'`,
        'write source=…, product=…, status=… or field:NAME=…; none for every lead',
      );
    }
  }
  return { ...found, fields: Object.fromEntries(fields) };
}

/** Without what is not asked for. */
export function toFilter(
  { sources, statuses, fields }: TypedFilter,
  products: readonly string[],
): Filter {
  return {
    ...(sources.length === 0 ? {} : { sources: [...sources] }),
    ...(products.length === 0 ? {} : { products: [...products] }),
    ...(statuses.length === 0 ? {} : { statuses: statuses.map(status) }),
    ...(Object.keys(fields).length === 0 ? {} : { fields: { ...fields } }),
  };
}

const STATUSES: readonly Status[] = ['new', 'contacted', 'qualified', 'won', 'lost'];

function status(text: string): Status {
  const known = STATUSES.find((one) => one === text);
  if (known !== undefined) return known;
  throw usageError(`--filter: there is no status '${text}'`, STATUSES.join(', '));
}

/** As it is typed; null for every lead. */
export function filterText({ sources, products, statuses, fields }: Filter): string | null {
  const parts = [
    ...(sources ? [`source=${sources.join(',')}`] : []),
    ...(products ? [`product=${products.join(',')}`] : []),
    ...(statuses ? [`status=${statuses.join(',')}`] : []),
    ...Object.entries(fields ?? {}).map(([name, value]) => `field:${name}=${value}`),
  ];
  return parts.join(' ') || null;
}
