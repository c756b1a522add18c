import { authContract } from '../../daemons/auth/contract.ts';
import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract, type RefusalView } from '../../daemons/lead/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { Answer } from '../client/answer.ts';
import type { Gateway } from '../client/gateway.ts';
import { listUpTo } from '../client/paging.ts';
import { refusalText } from './client.ts';
import { releaseCommand } from './destinations.ts';
import { findingsOf, type Finding } from './finding.ts';

type Summary = Answer<typeof integrationContract, 'summariseDeliveries', 200>;

/** Beyond it a platform is watched by its metrics. */
const MOST_CLIENTS = 500;
const MOST_REFUSALS = 200;
const AT_A_TIME = 4;

/** What is wrong with any client that the caller may see, in a line or two each; nothing for one that is well. */
export async function checkEveryClient(gateway: Gateway): Promise<Finding[]> {
  const { ids, more } = await clientIds(gateway);
  const found: Finding[] = [];
  for (let from = 0; from < ids.length; from += AT_A_TIME) {
    const some = ids.slice(from, from + AT_A_TIME);
    found.push(...(await Promise.all(some.map((id) => checkOne(gateway, id)))).flat());
  }
  const { ok, skipped } = findingsOf('clients');
  const unseen = more
    ? [skipped('others', `There are more than these ${ids.length}.`, 'leadctl client ls --all')]
    : [];
  if (found.length > 0) return [...found, ...unseen];
  const well =
    ids.length === 1
      ? 'The one client has no trouble.'
      : `Of ${ids.length} clients none has trouble.`;
  return [ok('all', well), ...unseen];
}

async function clientIds(gateway: Gateway): Promise<{ ids: string[]; more: boolean }> {
  const me = bodyOf(await gateway.of(authContract).call('me', {}));
  if (!me.is_admin) {
    return { ids: me.memberships.map(({ client_id }) => client_id), more: false };
  }
  const { items, more } = await listUpTo(
    (query) =>
      gateway.of(clientContract).call('listClients', { query: { ...query, status: 'active' } }),
    MOST_CLIENTS,
  );
  return { ids: items.map(({ client_id }) => client_id), more };
}

async function checkOne(gateway: Gateway, clientId: string): Promise<Finding[]> {
  const params = { client_id: clientId };
  const [summary, refused] = await Promise.all([
    gateway.of(integrationContract).call('summariseDeliveries', { params }),
    gateway.of(leadContract).call('listRefusals', { params, query: { limit: MOST_REFUSALS } }),
  ]);
  return [
    ...(summary.ok ? checkSummary(summary.body, clientId) : []),
    ...(refused.ok ? checkRefused(refused.body.data, clientId) : []),
  ];
}

/** Held and given-up deliveries are wrong; those that are tried again, or that nobody knows of, to look at. */
export function checkSummary(
  { lanes, by_status: counts, since }: Summary,
  clientId: string,
): Finding[] {
  const { failed, warning } = findingsOf(`client ${clientId}`);
  const held = lanes.filter(({ held_at }) => held_at !== null);
  const paused = lanes.filter(
    ({ held_at, paused_until: until }) => held_at === null && until !== null && until > since,
  );
  const look = `leadctl doctor --client ${clientId}`;
  return [
    ...held.map(({ destination, account, waiting, held_at, held_code, held_message }) =>
      failed(`held ${destination.name}`, {
        message: `${waiting} wait: ${destination.name} (${account}) is held since ${held_at} (${held_code}): ${held_message} When that is done, release it.`,
        remedy: releaseCommand(clientId, destination.name),
      }),
    ),
    ...(held.length === 0 && counts.held > 0
      ? [failed('held', { message: `${counts.held} deliveries are held.`, remedy: look })]
      : []),
    ...(counts.failed > 0
      ? [failed('failed', { message: `${counts.failed} deliveries were given up.`, remedy: look })]
      : []),
    ...(counts.retrying > 0
      ? [
          warning('retrying', {
            message: `${counts.retrying} deliveries are being tried again${paused.length === 0 ? '' : `; ${paused.map(({ destination }) => destination.name).join(', ')} pauses`}.`,
            remedy: look,
          }),
        ]
      : []),
    ...(counts.unknown > 0
      ? [
          warning('unknown', {
            message: `Of ${counts.unknown} deliveries nobody knows whether they arrived.`,
            remedy: look,
          }),
        ]
      : []),
  ];
}

function checkRefused(refusals: readonly RefusalView[], clientId: string): Finding[] {
  if (refusals.length === 0) return [];
  const remedy = `leadctl refusals --client ${clientId}`;
  const message = `${refusalText(refusals)} in the last day.`;
  return [findingsOf(`client ${clientId}`).warning('refused', { message, remedy })];
}
