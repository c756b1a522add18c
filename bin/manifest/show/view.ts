import { defined } from '../../../lib/core/defined.ts';
import type { Invitation } from '../../../daemons/user/contract.ts';
import type { Column } from '../../ui/columns.ts';
import { visible } from '../../ui/text.ts';
import type { View } from '../../ui/render.ts';
import type { Settled } from '../engine/converge.ts';
import type { Step } from '../engine/step.ts';
import { showKind } from '../names.ts';
import type { Change, OneTime } from '../thing.ts';

/** One step as it is printed. */
export interface PlanRow {
  readonly action: Step['action'];
  readonly kind: string;
  readonly client_id: string | null;
  readonly name: string;
  readonly changes: readonly Change[];
}

/** One step and what became of it. */
export interface ResultRow extends PlanRow {
  /** `unchanged`: it was so already when its turn came. */
  readonly status: 'done' | 'unchanged' | 'failed' | 'skipped';
  readonly error: string | null;
  /** A new API key's value; it cannot be shown again. */
  readonly key?: string;
  /** Where an invited user chooses the first password, once; it cannot be shown again. */
  readonly set_password_url?: string;
  /** The token within it. */
  readonly set_password_token?: string;
  /** The invitation was mailed, so that there is nothing to show. */
  readonly emailed?: boolean;
  readonly email_failure?: string;
  readonly expires_at?: string;
  /** Secrets that were made for a new destination; they cannot be shown again. */
  readonly secrets?: Readonly<Record<string, string>>;
}

const SIGNS = { create: '+', update: '~', remove: '-' } as const;

const planColumns: readonly Column<PlanRow>[] = [
  { header: '', value: ({ action }) => SIGNS[action], keep: true },
  { header: 'KIND', value: ({ kind }) => showKind(kind), keep: true },
  { header: 'CLIENT', value: (row) => row.client_id },
  { header: 'NAME', value: (row) => row.name },
  { header: 'CHANGES', value: ({ changes }) => showChanges(changes), wrap: true },
];

export function planView(steps: readonly Step[]): View<PlanRow> {
  return {
    rows: steps.map(planRow),
    columns: planColumns,
    name: nameOf,
    empty: 'Nothing to change.',
  };
}

export function resultView(rows: readonly ResultRow[]): View<ResultRow> {
  return {
    rows,
    columns: [
      { header: 'ACTION', value: (row) => row.action },
      ...planColumns.slice(1, 4),
      { header: 'STATUS', value: (row) => row.status },
      {
        header: 'ONCE ONLY',
        value: (row) =>
          row.key ?? row.set_password_url ?? Object.values(row.secrets ?? {}).join(' '),
      },
      { header: 'ERROR', value: (row) => row.error, wrap: true },
    ],
    name: nameOf,
  };
}

function oneTimeFields(oneTime: OneTime | undefined): Partial<ResultRow> {
  switch (oneTime?.kind) {
    case undefined:
      return {};
    case 'api_key':
      return { key: oneTime.key };
    case 'secrets':
      return { secrets: oneTime.secrets };
    case 'invitation':
      return invitationFields(oneTime.invitation);
  }
}

function invitationFields(invitation: Invitation): Partial<ResultRow> {
  const { url, token, emailed, expires_at, email_failure } = invitation;
  return {
    emailed,
    expires_at,
    ...defined({ email_failure, set_password_url: url, set_password_token: token }),
  };
}

export function resultRow(step: Step, result: Settled | undefined): ResultRow {
  const row = planRow(step);
  if (result === undefined) return { ...row, status: 'skipped', error: null };
  switch (result.status) {
    case 'done': {
      return { ...row, status: 'done', error: null, ...oneTimeFields(result.oneTime) };
    }
    case 'unchanged':
      return { ...row, status: 'unchanged', error: null };
    case 'skipped':
      return { ...row, status: 'skipped', error: result.because };
    case 'conflict':
    case 'failed':
      return { ...row, status: 'failed', error: reasonOf(result) };
  }
}

function reasonOf(result: Extract<Settled, { status: 'conflict' | 'failed' }>): string {
  if (!('problem' in result)) {
    return result.error instanceof Error ? result.error.message : String(result.error);
  }
  const { title, detail, request_id: id } = result.problem;
  return `${detail === '' ? title : detail} (request ${id})`;
}

/** `12 to create, 1 to change, 0 to remove` */
export function countText(steps: readonly Step[]): string {
  const count = (action: Step['action']): number =>
    steps.filter((step) => step.action === action).length;
  return `${count('create')} to create, ${count('update')} to change, ${count('remove')} to remove`;
}

function planRow({ action, kind, clientId, name, changes }: Step): PlanRow {
  return { action, kind, client_id: clientId, name, changes };
}

function nameOf({ kind, client_id: client, name }: PlanRow): string {
  return client === null || kind === 'client' ? `${kind}/${name}` : `${kind}/${client}/${name}`;
}

function showChanges(changes: readonly Change[]): string {
  const granted = changes.filter(({ field }) => field === 'grant');
  const added = granted.filter(({ from }) => from === null).length;
  const counted = granted.length === 0 ? [] : [`+${added} -${granted.length - added} grants`];
  return [...changes.filter((one) => !granted.includes(one)).map(showChange), ...counted].join(
    ', ',
  );
}

function showChange({ field, from, to }: Change): string {
  return from === null
    ? `${field}: ${showValue(to)}`
    : `${field}: ${showValue(from)} → ${showValue(to)}`;
}

/** What each role may do more and less, a line each: whoever reviews a plan must not have to count them. */
export function grantLines(steps: readonly Step[]): string {
  const roles = steps.filter(({ kind }) => kind === 'grants');
  const lines = roles.flatMap(({ name, changes }) => [
    `\nGrants of ${visible(name)}:`,
    ...changes.map(({ from, to }) =>
      from === null ? `  + ${showValue(to)}` : `  - ${showValue(from)}`,
    ),
  ]);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
