import { age } from '../age.ts';
import type { ReactElement } from 'react';
import { pad, truncate, wrap } from '../width.ts';
import type { ClientLine, DashboardData, LeadLine, Weight } from './dashboard-state.ts';
import { type Line, Panel, type PanelProps } from './DashboardPanel.tsx';
import { sparkLines } from './spark.ts';
import type { Theme } from './theme.ts';

export function RatePanel({
  perMinute,
  ...props
}: PanelProps & { readonly perMinute: readonly number[] }): ReactElement | null {
  const { columns, lines, theme } = props;
  const total = perMinute.reduce((sum, count) => sum + count, 0);
  const title =
    perMinute.length === 0
      ? 'LEADS  not to be seen'
      : `LEADS  ${perMinute.at(-1) ?? 0} in the last minute · ${total} in ${perMinute.length} minutes · at most ${Math.max(0, ...perMinute)} a minute`;
  const drawn =
    lines < 2 || perMinute.length === 0 ? [] : sparkLines(perMinute, { columns, lines: lines - 1 });
  return (
    <Panel {...props} title={title} body={drawn.map((text) => ({ text, look: theme.good }))} />
  );
}

const COUNT = 9;

export function DeliveriesPanel({
  statuses,
  ...props
}: PanelProps & { readonly statuses: DashboardData['statuses'] }): ReactElement | null {
  const name = Math.max(1, props.columns - COUNT);
  const body = statuses.map(({ status, count, weight }) => ({
    text: pad(truncate(status, name), name) + pad(String(count), COUNT, 'right'),
    look: count === 0 ? props.theme.dim : lookOf(props.theme, weight),
  }));
  const nothing: Line[] = [{ text: 'not to be seen', look: props.theme.dim }];
  return <Panel {...props} title="DELIVERIES" body={body.length === 0 ? nothing : body} />;
}

function lookOf(theme: Theme, weight: Weight): Theme[keyof Theme] {
  return weight === 'usual' ? {} : theme[weight];
}

/** Of the provider's words and the remedy; two held lanes then still fit beside the counts. */
const REASON_LINES = 3;

export function LanesPanel({
  lanes: told,
  now,
  ...props
}: PanelProps & {
  readonly lanes: DashboardData['lanes'];
  readonly now: Date;
}): ReactElement | null {
  const { theme } = props;
  const lanes = told ?? [];
  const body = lanes.flatMap(({ name, waiting, heldAt, why }): Line[] => {
    const queue = waiting === 0 ? '' : `, ${waiting} wait`;
    if (heldAt !== undefined) {
      return [
        { text: `✗ ${name}  held ${age(heldAt, now)}${queue}`, look: theme.bad },
        ...wrap(why ?? 'no reason given', props.columns - 2, REASON_LINES).map((text) => ({
          text: `  ${text}`,
          look: theme.bad,
        })),
      ];
    }
    if (why !== undefined) return [{ text: `◌ ${name}  ${why}${queue}`, look: theme.warning }];
    return [{ text: `● ${name}  open${queue}` }];
  });
  const text = told === undefined ? 'not to be seen' : 'No delivery was ever due.';
  const nothing: Line[] = [{ text, look: theme.dim }];
  const held = lanes.filter(({ heldAt }) => heldAt !== undefined).length;
  const title = held === 0 ? 'LANES' : `LANES  ${held} held`;
  return <Panel {...props} title={title} body={lanes.length === 0 ? nothing : body} />;
}

export function ClientsPanel({
  clients,
  ...props
}: PanelProps & { readonly clients: readonly ClientLine[] }): ReactElement | null {
  const { columns, theme } = props;
  const name = Math.max(8, Math.min(40, columns - 5 * COUNT - 10));
  const line = (first: string, counts: readonly (string | number)[], rest = ''): string =>
    `${pad(truncate(first, name), name)}${counts.map((count) => pad(String(count), COUNT, 'right')).join('')}  ${rest}`;
  const title = line('CLIENT', ['1 MIN', '60 MIN', 'WAITING', 'FAILED', 'HELD']);
  const body = clients.map(({ clientId, lastMinute, lastHour, waiting, failed, held, problem }) => {
    const look = held > 0 || problem !== '' ? theme.bad : failed > 0 ? theme.warning : {};
    return { text: line(clientId, [lastMinute, lastHour, waiting, failed, held], problem), look };
  });
  return <Panel {...props} title={title} body={body} />;
}

const TIME = 8;
const STATUS = 9;
const GAP = '  ';

export function NewestPanel({
  leads,
  ...props
}: PanelProps & { readonly leads: readonly LeadLine[] }): ReactElement | null {
  const room = Math.max(9, props.columns - TIME - STATUS - 4 * GAP.length);
  const source = Math.max(3, Math.min(16, Math.floor(room * 0.2)));
  const name = Math.max(3, Math.min(30, Math.floor((room - source) * 0.45)));
  const contact = Math.min(50, room - source - name);
  const cells = [TIME, name, contact, source, STATUS];
  const line = (texts: readonly string[]): string =>
    texts.map((text, at) => pad(truncate(text, cells[at] ?? 0), cells[at] ?? 0)).join(GAP);
  const body: Line[] = leads.slice(0, Math.max(0, props.lines - 1)).map((lead) => ({
    text: line([
      lead.at.toTimeString().slice(0, TIME),
      lead.name,
      lead.contact,
      lead.source,
      lead.status,
    ]),
  }));
  const nothing: Line[] = [{ text: 'No leads yet.', look: props.theme.dim }];
  const title = line(['NEWEST', 'NAME', 'CONTACT', 'SOURCE', 'STATUS']);
  return <Panel {...props} title={title} body={body.length === 0 ? nothing : body} />;
}
