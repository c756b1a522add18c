import type {
  DestinationTest,
  MadeDestination,
  ShownDestination,
} from '../../../daemons/integration/contract.ts';
import type { Column } from '../../ui/columns.ts';
import { maskText } from '../../ui/mask.ts';
import { filterText } from './filter.ts';

const columns: readonly Column<ShownDestination>[] = [
  { header: 'NAME', value: (row) => row.name, keep: true },
  { header: 'KIND', value: (row) => row.kind },
  { header: 'STATE', value: stateOf, keep: true },
  { header: 'ON', value: (row) => row.on.join(',') },
  { header: 'FILTER', value: (row) => filterText(row.filter) },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'WHY', value: whyText, wrap: true, wide: true },
  { header: 'VERSION', value: (row) => row.version, align: 'right', wide: true },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

/** `on`, `off`, `held`; `disabled` is what the platform switched off by itself. */
export function stateOf({ enabled, disabled, held }: ShownDestination): string {
  if (disabled !== null) return 'disabled';
  if (!enabled) return 'off';
  return held.length > 0 ? 'held' : 'on';
}

function whyText({ disabled, held }: ShownDestination): string | null {
  const reasons = [...(disabled === null ? [] : [disabled]), ...held];
  return reasons.map(({ code, message }) => `${code}: ${message}`).join('; ') || null;
}

/** A receiver's own words may repeat a number that it was given. */
function mask<Row extends ShownDestination>(row: Row): Row {
  return {
    ...row,
    disabled: row.disabled && { ...row.disabled, message: maskText(row.disabled.message) },
    held: row.held.map((lane) => ({ ...lane, message: maskText(lane.message) })),
  };
}

export const destinationView = {
  columns,
  name: (row: ShownDestination) => row.name,
  mask,
  empty: 'No destinations yet. Try: leadctl destination create crm --kind webhook',
};

/** With each of its settings and secrets, whichever its kind has. */
export function wholeView(item: ShownDestination) {
  const settings = Object.keys(item.settings).map((name): Column<ShownDestination> => ({
    header: `settings.${name}`,
    value: (row) => textOf(row.settings[name]),
    wrap: true,
  }));
  const secrets = Object.keys(item.secrets).map((name): Column<ShownDestination> => ({
    header: `secrets.${name}`,
    value: (row) => markText(row.secrets[name] ?? null),
  }));
  const [name, kind, ...rest] = columns.map((column) => ({ ...column, wide: false }));
  const first = [name, kind].flatMap((column) => column ?? []);
  return { ...destinationView, columns: [...first, ...settings, ...secrets, ...rest], item };
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const isPlain = Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (isPlain) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function markText(mark: ShownDestination['secrets'][string]): string | null {
  if (mark === null) return null;
  const overlap = mark.previous_until;
  return `set ${mark.updated_at}${overlap ? `, the one before is used until ${overlap}` : ''}`;
}

/** Secrets that were made for it: told in this answer alone. */
export function madeSecrets({ secrets }: MadeDestination): [name: string, value: string][] {
  return Object.entries(secrets).flatMap(([name, mark]) =>
    mark?.value === undefined ? [] : [[name, mark.value]],
  );
}

/** `-o name` prints the secret that was made, if one was: it is what one pipes on, and shown once. */
export function newView(item: MadeDestination) {
  const made = madeSecrets(item);
  const isMade = new Set(made.map(([name]) => `secrets.${name}`));
  const { columns: all, ...view } = wholeView(item);
  return {
    ...view,
    item,
    columns: [
      ...all.filter(({ header }) => !isMade.has(header)),
      ...made.map(([name, value]): Column<ShownDestination> => ({
        header: `secrets.${name}`,
        value: () => value,
        keep: true,
      })),
    ],
    name: (row: ShownDestination) => (made.length === 1 && made[0] ? made[0][1] : row.name),
  };
}

type Check = DestinationTest['checks'][number];

export const checkColumns: readonly Column<Check>[] = [
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'CHECK', value: (row) => row.name, keep: true },
  { header: 'CODE', value: (row) => row.code, keep: true },
  { header: 'MESSAGE', value: (row) => row.message, wrap: true },
  { header: 'REMEDY', value: (row) => row.remedy, wrap: true, wide: true },
];
