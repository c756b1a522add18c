import type { ApiKey, RefusalView } from '../../daemons/lead/contract.ts';
import {
  SWITCHES,
  type Delivery,
  type Integrations,
  type MetaSource,
  type TestReport,
} from '../../daemons/integration/contract.ts';
import type { WebhookEvent } from '../../daemons/webhook/contract.ts';
import { findingsOf, type Finding } from './finding.ts';
import { remedyFor } from './remedies.ts';

/** Whether the client takes leads at all. */
export function checkClientStatus({
  client_id: clientId,
  status,
}: {
  readonly client_id: string;
  readonly status: string;
}): Finding {
  const { ok, failed } = findingsOf('client');
  if (status === 'active') return ok('status', `${clientId} is active.`);
  return failed('status', {
    message: `${clientId} is ${status}: leads are refused, deliveries wait.`,
    remedy: `leadctl client activate ${clientId}`,
  });
}

/** A provider's own answers, as the integration's test gives them. */
export function checkReport({ integration, checks }: TestReport, clientId: string): Finding[] {
  const { ok, failed, skipped } = findingsOf(integration);
  const found = checks.map((check) => {
    const { name, status, message, remedy } = check;
    if (status === 'ok') return ok(name, message);
    if (status === 'skipped') return skipped(name, message, remedy);
    return failed(name, { message, remedy: remedyFor(integration, check, clientId) });
  });
  return integration === 'meta' ? [...found, ...UNSEEN_AT_META] : found;
}

/** Of Meta's four layers these two are visible in its own pages alone. */
const UNSEEN_AT_META: readonly Finding[] = [
  findingsOf('meta').skipped(
    'app_mode',
    'Whether the app is in Live mode cannot be asked; in Development mode no real lead comes.',
    'See the App Dashboard, at its top.',
  ),
  findingsOf('meta').skipped(
    'leads_access',
    'Whether the Leads Access Manager lets this app have leads shows with the first lead.',
    'See Business Settings, Integrations, Leads Access; what it refuses is held with code 103.',
  ),
];

/** Which integrations are asked at all: those switched on, and Meta where it has a token or a page. */
export function integrationsInUse(
  integrations: Integrations,
  sources: readonly MetaSource[],
): TestReport['integration'][] {
  const hasMeta = sources.length > 0 || integrations.config.meta.page_access_token !== null;
  return [
    ...SWITCHES.filter((name) => integrations[`${name}_enabled`]),
    ...(hasMeta ? (['meta'] as const) : []),
  ];
}

const STUCK = {
  held: 'wait for the cause of their hold to go',
  retrying: 'are being tried again',
  failed: 'were given up',
  unknown: 'may have arrived, or not',
  skipped: 'were not sent: nobody to write to, or somebody who wants no messages',
} as const;
export type StuckStatus = keyof typeof STUCK;
export const STUCK_STATUSES: readonly StuckStatus[] = [
  'held',
  'retrying',
  'failed',
  'unknown',
  'skipped',
];

export interface StuckList {
  readonly items: readonly Delivery[];
  /** These are not all. */
  readonly more: boolean;
}

/** Deliveries of one status that do not just go out. */
export function checkStuck(
  status: StuckStatus,
  { items, more }: StuckList,
  clientId: string,
): Finding {
  const { ok, warning, failed } = findingsOf('deliveries');
  if (items.length === 0) return ok(status, `No delivery is ${status}.`);
  const codes = [...new Set(items.map(({ last_error }) => last_error?.code ?? 'no code'))];
  const oldest = items.map(({ created_at }) => created_at).toSorted()[0];
  const since = status === 'retrying' ? `, the oldest since ${oldest}` : '';
  const one = items.length === 1 && !more;
  const count = `${more ? 'More than ' : ''}${items.length} ${one ? 'delivery' : 'deliveries'}`;
  const what = one
    ? STUCK[status].replace(/^were/, 'was').replace(/^are/, 'is').replace(/^wait/, 'waits')
    : STUCK[status];
  const message = `${count} ${what}${since} (${codes.join(', ')}).`;
  // As it should be.
  if (status === 'skipped') return ok(status, message);
  if (status === 'retrying') {
    const remedy = `leadctl delivery ls --status retrying --client ${clientId}`;
    return warning(status, { message, remedy });
  }
  const remedy = `leadctl delivery replay --status ${status} --dry-run --client ${clientId}`;
  return status === 'unknown'
    ? warning(status, { message, remedy })
    : failed(status, { message, remedy });
}

/** Events of this client's pages that Meta sent and nothing was made of; all of them for an admin. */
export function checkEvents(
  status: 'unmapped' | 'held' | 'failed',
  { items, more }: { readonly items: readonly WebhookEvent[]; readonly more: boolean },
  clientId: string,
): Finding {
  const { ok, failed } = findingsOf('webhook');
  if (items.length === 0) return ok(status, `No event is ${status}.`);
  const pages = [...new Set(items.map(({ page_id }) => page_id ?? 'no page'))].slice(0, 5);
  const reasons = [...new Set(items.flatMap(({ last_error }) => last_error?.message ?? []))];
  const then = status === 'unmapped' ? ' If the page is this client’s, map it.' : '';
  return failed(status, {
    message:
      `${more ? 'More than ' : ''}${items.length} ${items.length === 1 ? 'event is' : 'events are'} ${status} (page ${pages.join(', ')}). ${reasons[0] ?? ''}`.trim() +
      then,
    remedy:
      status === 'unmapped'
        ? `leadctl meta source add ${pages[0]} --client ${clientId}`
        : `leadctl meta reconcile --since 7d --client ${clientId}`,
  });
}

/** Posts of leads that were not taken: a form that loses leads looks well from everywhere else. */
export function checkRefusals(refusals: readonly RefusalView[], clientId: string): Finding {
  const { ok, warning } = findingsOf('leads');
  if (refusals.length === 0) return ok('refused', 'Nothing was refused in the last day.');
  return warning('refused', {
    message: `${refusalText(refusals)} in the last day.`,
    remedy: `leadctl refusals --client ${clientId}`,
  });
}

/** `12 posts were refused (origin_not_allowed 10, invalid_api_key 2), the last of "website" from https://evil.example` */
export function refusalText(refusals: readonly RefusalView[]): string {
  const byReason = new Map<string, number>();
  for (const { reason, count } of refusals) {
    byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  }
  const total = [...byReason.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...byReason].map(([reason, count]) => `${reason} ${count}`).join(', ');
  const last = refusals.toSorted((a, b) => (a.last_at < b.last_at ? 1 : -1))[0];
  const from = last?.origin ?? last?.ip;
  const where = from === null || from === undefined ? '' : ` from ${from}`;
  return `${total} ${total === 1 ? 'post was' : 'posts were'} refused (${reasons}), the last with the key "${last?.api_key.name}"${where}`;
}

const SOON_MS = 7 * 86_400_000;

/** API keys that are there at all, and last for more than a week. */
export function checkKeys(keys: readonly ApiKey[], now: Date, clientId: string): Finding[] {
  const { ok, warning } = findingsOf('api_keys');
  const live = keys.filter(
    ({ revoked_at, expires_at }) =>
      revoked_at === null && (expires_at === null || Date.parse(expires_at) > now.getTime()),
  );
  if (live.length === 0) {
    return [
      warning('live', {
        message: 'There is no API key: no website can send leads, only Meta.',
        remedy: `leadctl key create website --client ${clientId}`,
      }),
    ];
  }
  const lasts = ({ expires_at }: ApiKey): boolean =>
    expires_at === null || Date.parse(expires_at) - now.getTime() > SOON_MS;
  // One that a rotation has replaced is meant to end: its successor has its name.
  const ending = live.filter(
    (key) => !lasts(key) && !live.some((other) => other.name === key.name && lasts(other)),
  );
  if (ending.length === 0) return [ok('expiry', 'No API key ends within a week.')];
  return ending.map(({ id, name, expires_at }) =>
    warning(name, {
      message: `The API key "${name}" ends at ${expires_at}; leads sent with it are refused then.`,
      remedy: `leadctl key rotate ${id} --overlap 24h --client ${clientId}`,
    }),
  );
}
