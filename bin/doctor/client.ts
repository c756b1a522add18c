import type { ApiKey } from '../../daemons/lead/contract.ts';
import type {
  Delivery,
  Integrations,
  MetaSource,
  TestReport,
} from '../../daemons/integration/contract.ts';
import type { WebhookEvent } from '../../daemons/webhook/contract.ts';
import { findingsOf, type Finding } from './finding.ts';

const LABELS = { whatsapp: 'WhatsApp', google_sheets: 'Google Sheets', meta: 'Meta' } as const;

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
export function checkReport({ integration, checks }: TestReport): Finding[] {
  const { ok, failed, skipped } = findingsOf(integration);
  const found = checks.map(({ name, status, message, remedy }) => {
    if (status === 'ok') return ok(name, message);
    if (status === 'skipped') return skipped(name, message, remedy);
    return failed(name, { message, remedy: remedy ?? `leadctl integration test ${integration}` });
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
    ...(integrations.whatsapp_enabled ? (['whatsapp'] as const) : []),
    ...(integrations.google_sheets_enabled ? (['google_sheets'] as const) : []),
    ...(hasMeta ? (['meta'] as const) : []),
  ];
}

/** That leads go anywhere, and no lane is held. */
export function checkIntegrations(integrations: Integrations): Finding[] {
  const { ok, warning, failed } = findingsOf('deliveries');
  const { whatsapp_enabled: whatsapp, google_sheets_enabled: sheets, held } = integrations;
  const lanes = held.map(({ integration, account, code, message, held_at }) =>
    failed(`lane ${integration}`, {
      message: `${LABELS[integration]} ${account} is held since ${held_at} (${code}): ${message}`,
      remedy: `leadctl integration test ${integration}; what waits is sent once the cause is gone`,
    }),
  );
  return [
    whatsapp || sheets
      ? ok('switched_on', 'Leads go to at least one integration.')
      : warning('switched_on', {
          message: 'Leads are stored, and go nowhere: no integration is switched on.',
          remedy: 'leadctl integration set --whatsapp on, or --sheets on',
        }),
    ...(lanes.length > 0 ? lanes : [ok('lanes', 'No lane is held.')]),
  ];
}

const STUCK = {
  held: 'wait for the cause of their hold to go',
  failed: 'were given up',
  unknown: 'may have arrived, or not',
  skipped: 'were not sent: nobody to write to, or somebody who wants no messages',
} as const;
export type StuckStatus = keyof typeof STUCK;
export const STUCK_STATUSES: readonly StuckStatus[] = ['held', 'failed', 'unknown', 'skipped'];

/** Deliveries of one status that do not go on by themselves; `more`: these are not all. */
export function checkStuck(
  status: StuckStatus,
  { items, more }: { readonly items: readonly Delivery[]; readonly more: boolean },
): Finding {
  const { ok, warning, failed } = findingsOf('deliveries');
  if (items.length === 0) return ok(status, `No delivery is ${status}.`);
  const codes = [...new Set(items.map(({ last_error }) => last_error?.code ?? 'no code'))];
  const message = `${more ? 'More than ' : ''}${items.length} deliveries ${STUCK[status]} (${codes.join(', ')}).`;
  // As it should be.
  if (status === 'skipped') return ok(status, message);
  const trouble = {
    message,
    remedy: `leadctl delivery ls --status ${status}; then: leadctl delivery replay --status ${status} --dry-run`,
  };
  return status === 'unknown' ? warning(status, trouble) : failed(status, trouble);
}

/** Events of this client's pages that Meta sent and nothing was made of; all of them for an admin. */
export function checkEvents(
  status: 'unmapped' | 'held' | 'failed',
  { items, more }: { readonly items: readonly WebhookEvent[]; readonly more: boolean },
): Finding {
  const { ok, failed } = findingsOf('webhook');
  if (items.length === 0) return ok(status, `No event is ${status}.`);
  const pages = [...new Set(items.map(({ page_id }) => page_id ?? 'no page'))].slice(0, 5);
  const reasons = [...new Set(items.flatMap(({ last_error }) => last_error?.message ?? []))];
  return failed(status, {
    message:
      `${more ? 'More than ' : ''}${items.length} events are ${status} (page ${pages.join(', ')}). ${reasons[0] ?? ''}`.trim(),
    remedy:
      status === 'unmapped'
        ? `leadctl meta source add --page ${pages[0]} --client CLIENT; they are then processed`
        : `leadctl webhook events --status ${status}; then: leadctl meta reconcile --since DATE`,
  });
}

const SOON_MS = 7 * 86_400_000;

/** API keys that are there at all, and last for more than a week. */
export function checkKeys(keys: readonly ApiKey[], now: Date): Finding[] {
  const { ok, warning } = findingsOf('api_keys');
  const live = keys.filter(
    ({ revoked_at, expires_at }) =>
      revoked_at === null && (expires_at === null || Date.parse(expires_at) > now.getTime()),
  );
  if (live.length === 0) {
    const remedy = 'leadctl key create website, unless leads come from Meta alone';
    return [
      warning('live', { message: 'No website can send leads: there is no API key.', remedy }),
    ];
  }
  const lasts = ({ expires_at }: ApiKey): boolean =>
    expires_at === null || Date.parse(expires_at) - now.getTime() > SOON_MS;
  // One that a rotation has replaced is meant to end: its successor has its name.
  const ending = live.filter(
    (key) => !lasts(key) && !live.some((other) => other.name === key.name && lasts(other)),
  );
  if (ending.length === 0) return [ok('expiry', 'No API key ends within a week.')];
  return ending.map(({ name, expires_at }) =>
    warning(name, {
      message: `The API key "${name}" ends at ${expires_at}; leads sent with it are refused then.`,
      remedy: `leadctl key rotate ${name}`,
    }),
  );
}
