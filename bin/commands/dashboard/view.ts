import type { ClientStanding, LeadCounts, Standing } from '../../client/dashboard.ts';
import type { Column } from '../../ui/columns.ts';
import { maskText } from '../../ui/mask.ts';
import { visible } from '../../ui/text.ts';
import type {
  ClientLine,
  DashboardData,
  LaneLine,
  LeadLine,
  StatusCount,
  Weight,
} from '../../ui/views/dashboard-state.ts';
import { maskLead } from '../lead/view.ts';

type Lead = NonNullable<ClientStanding['newest']>[number];
type Lane = NonNullable<ClientStanding['deliveries']>['lanes'][number];

/** Without personal data; a provider's own words may repeat a number that it was given. */
export function maskStanding(standing: Standing): Standing {
  return {
    ...standing,
    clients: standing.clients.map((client) => ({
      ...client,
      newest: client.newest && client.newest.map(maskLead),
      deliveries: client.deliveries && {
        ...client.deliveries,
        lanes: client.deliveries.lanes.map((lane) => ({
          ...lane,
          held_message: lane.held_message && maskText(lane.held_message),
        })),
      },
    })),
  };
}

const statusColumn = (status: 'pending' | 'retrying' | 'unknown' | 'failed' | 'held' | 'skipped') =>
  ({
    header: status.toUpperCase(),
    value: ({ deliveries }: ClientStanding) => deliveries?.by_status[status],
    align: 'right',
  }) as const;

export const clientColumns: readonly Column<ClientStanding>[] = [
  { header: 'CLIENT', value: (row) => row.client_id, keep: true },
  { header: 'LAST MINUTE', value: ({ leads }) => leads?.per_minute.at(-1), align: 'right' },
  { header: 'LAST HOUR', value: ({ leads }) => leads?.total, align: 'right' },
  statusColumn('pending'),
  statusColumn('retrying'),
  statusColumn('unknown'),
  statusColumn('failed'),
  statusColumn('held'),
  {
    header: 'DELIVERED',
    value: ({ deliveries }) => deliveries?.by_status.delivered,
    align: 'right',
    wide: true,
  },
  { header: 'REFUSED', value: refusedCount, align: 'right' },
  { header: 'HELD LANES', value: (row) => heldLanes(row).map(laneName).join(', ') || null },
  {
    header: 'WHY',
    value: (row) => heldLanes(row).map(reason).join('; ') || row.problems.join('; ') || null,
    wide: true,
  },
  { ...statusColumn('skipped'), wide: true },
];

function refusedCount({ refused }: ClientStanding): number | null {
  return refused && refused.reduce((sum, { count }) => sum + count, 0);
}

function heldLanes({ deliveries }: ClientStanding): readonly Lane[] {
  return (deliveries?.lanes ?? []).filter(({ held_at: at }) => at !== null);
}

const laneName = ({ destination, account }: Lane): string => `${destination.name} ${account}`;

const reason = ({ held_code: code, held_message: message }: Lane): string =>
  [code, message].filter((part) => part !== null).join(': ');

/** What the view draws. `standing` is masked already, if it should be. */
export function toDashboardData(standing: Standing, watched: string | undefined): DashboardData {
  const { clients, services } = standing;
  const single = watched === undefined ? undefined : clients[0];
  return {
    at: new Date(standing.at),
    perMinute: addUp(clients.flatMap(({ leads }) => (leads === null ? [] : [leads]))),
    statuses: single === undefined ? [] : statusCounts(single),
    lanes: single?.deliveries?.lanes.map((lane) => toLaneLine(lane, standing.at)),
    services: services.map(({ name, status, detail }) => ({
      name: visible(name),
      isUp: status === 'ok',
      detail: visible(detail ?? status),
    })),
    clients: watched === undefined ? clients.map(toClientLine) : undefined,
    newest: (single?.newest ?? []).map(toLeadLine),
    problems: [
      ...refusedTexts(single?.refused ?? null).map(visible),
      ...(single?.problems ?? []).map(visible),
      ...(standing.more_clients ? [`There are more clients than these ${clients.length}`] : []),
    ],
  };
}

function addUp(counts: readonly LeadCounts[]): number[] {
  const [first, ...others] = counts.map(({ per_minute: minutes }) => minutes);
  return (first ?? []).map((count, at) =>
    others.reduce((sum, minutes) => sum + (minutes[at] ?? 0), count),
  );
}

type Status = keyof NonNullable<ClientStanding['deliveries']>['by_status'];

/** What needs a hand stands at the top. */
const OPEN: readonly (readonly [Exclude<Status, 'delivered' | 'skipped'>, Weight])[] = [
  ['held', 'bad'],
  ['failed', 'bad'],
  ['unknown', 'warning'],
  ['retrying', 'warning'],
  ['pending', 'usual'],
  ['delivering', 'usual'],
];

function statusCounts(client: ClientStanding): StatusCount[] {
  const { deliveries } = client;
  if (deliveries === null) return [];
  const { by_status: counts } = deliveries;
  const open = OPEN.map(([status, weight]) => ({ status, count: counts[status], weight }));
  const delivered = { status: 'delivered, 24 h', count: counts.delivered, weight: 'good' } as const;
  const skipped = { status: 'skipped, 24 h', count: counts.skipped, weight: 'usual' } as const;
  // A line of its own only where there are some: lines are few.
  const refused = refusedCount(client) ?? 0;
  const notTaken = { status: 'refused, 24 h', count: refused, weight: 'warning' } as const;
  return [
    ...open,
    delivered,
    ...(refused > 0 ? [notTaken] : []),
    ...(counts.skipped > 0 ? [skipped] : []),
  ];
}

function toLaneLine(lane: Lane, at: string): LaneLine {
  const { held_at: held, paused_until: paused, recheck_at: recheck, waiting } = lane;
  const name = visible(laneName(lane));
  if (held !== null) {
    const again = recheck === null ? '' : ` (tried again at ${clock(recheck)})`;
    return { name, waiting, heldAt: new Date(held), why: visible(reason(lane)) + again };
  }
  const isPaused = paused !== null && paused > at;
  return {
    name,
    waiting,
    heldAt: undefined,
    why: isPaused ? `pauses until ${clock(paused)}` : undefined,
  };
}

const clock = (time: string): string => new Date(time).toTimeString().slice(0, 8);

const refusedTexts = (refused: ClientStanding['refused']): string[] =>
  (refused ?? []).map(({ reason: why, count }) => `${count} refused: ${why}`);

function toClientLine({
  client_id,
  leads,
  deliveries,
  refused,
  problems,
}: ClientStanding): ClientLine {
  const counts = deliveries?.by_status;
  const held = deliveries?.lanes.find(({ held_at: at }) => at !== null);
  return {
    clientId: visible(client_id),
    lastMinute: leads?.per_minute.at(-1) ?? 0,
    lastHour: leads?.total ?? 0,
    waiting: counts ? counts.pending + counts.delivering + counts.retrying + counts.unknown : 0,
    failed: counts?.failed ?? 0,
    held: counts?.held ?? 0,
    problem: visible(
      held
        ? `${held.held_code ?? 'held'} ${laneName(held)}: ${held.held_message ?? ''}`
        : [...refusedTexts(refused), ...problems].join('; '),
    ),
  };
}

/** `lead` is masked already, if it should be. */
export function toLeadLine(lead: Omit<Lead, 'raw_payload'>): LeadLine {
  return {
    id: lead.id,
    at: new Date(lead.created_at),
    name: visible(lead.name ?? '-'),
    contact: visible(lead.email ?? lead.phone ?? '-'),
    source: visible(lead.source),
    status: lead.status,
  };
}
