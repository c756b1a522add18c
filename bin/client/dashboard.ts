import { authContract } from '../../daemons/auth/contract.ts';
import { clientContract } from '../../daemons/client/contract.ts';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { type Lead, leadContract } from '../../daemons/lead/contract.ts';
import type { Problem } from '../../lib/core/problem.ts';
import { ApiError, bodyOf } from '../cli/api-error.ts';
import type { Answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import { LARGEST_PAGE } from './paging.ts';
import { readReadiness, type ServiceCheck } from './readiness.ts';

export type LeadCounts = Answer<typeof leadContract, 'summariseLeads', 200>;
export type DeliveryCounts = Answer<typeof integrationContract, 'summariseDeliveries', 200>;

export interface RefusedCount {
  readonly reason: string;
  readonly count: number;
}

/** How one client stands. A part is null where the caller may not see it or no answer came. */
export interface ClientStanding {
  readonly client_id: string;
  readonly leads: LeadCounts | null;
  readonly deliveries: DeliveryCounts | null;
  /** Posts of leads that were not taken in the last day, by reason. */
  readonly refused: readonly RefusedCount[] | null;
  /** Newest first; only when one client is asked for. */
  readonly newest: readonly Lead[] | null;
  /** Why a part is missing. */
  readonly problems: readonly string[];
}

/** How the platform stands at one moment. */
export interface Standing {
  readonly at: string;
  readonly gateway: string;
  readonly ready: boolean;
  readonly services: readonly ServiceCheck[];
  readonly clients: readonly ClientStanding[];
  /** There are more clients than are shown. */
  readonly more_clients: boolean;
}

export interface StandingQuery {
  /** One client in full; without it the first few that the caller may see, in numbers. */
  readonly clientId: string | undefined;
  readonly newest: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export const MOST_CLIENTS = 20;
/** Clients asked about at a time, so that twenty of them are no burst. */
const AT_A_TIME = 4;

/** Throws what no waiting mends, such as an `ApiError` for a login that ended or a client that is not there. */
export async function readStanding(gateway: Gateway, query: StandingQuery): Promise<Standing> {
  const { url } = gateway.settings;
  const [readiness, named] = await Promise.all([
    readReadiness(gateway, query.signal),
    query.clientId === undefined
      ? visibleClients(gateway)
      : { ids: [query.clientId], hasMore: false },
  ]);
  const clients: ClientStanding[] = [];
  for (let from = 0; from < named.ids.length; from += AT_A_TIME) {
    const some = named.ids.slice(from, from + AT_A_TIME);
    clients.push(...(await Promise.all(some.map((id) => standingOf(gateway, id, query)))));
  }
  return {
    at: query.now().toISOString(),
    gateway: url,
    ready: readiness.ready,
    services: readiness.checks,
    clients,
    more_clients: named.hasMore,
  };
}

async function visibleClients(gateway: Gateway): Promise<{ ids: string[]; hasMore: boolean }> {
  const me = bodyOf(await gateway.of(authContract).call('me', {}));
  if (!me.is_admin) {
    const ids = me.memberships.map(({ client_id }) => client_id);
    return { ids: ids.slice(0, MOST_CLIENTS), hasMore: ids.length > MOST_CLIENTS };
  }
  const page = bodyOf(
    await gateway.of(clientContract).call('listClients', { query: { limit: MOST_CLIENTS } }),
  );
  return {
    ids: page.data.map(({ client_id }) => client_id),
    hasMore: page.next_cursor !== null,
  };
}

async function standingOf(
  gateway: Gateway,
  clientId: string,
  { clientId: single, newest }: StandingQuery,
): Promise<ClientStanding> {
  const params = { client_id: clientId };
  const leads = gateway.of(leadContract);
  const [counts, deliveries, refusals, listed] = await Promise.all([
    leads.call('summariseLeads', { params }),
    gateway.of(integrationContract).call('summariseDeliveries', { params }),
    leads.call('listRefusals', { params, query: { limit: LARGEST_PAGE } }),
    single === undefined
      ? undefined
      : leads.call('listLeads', { params, query: { limit: newest } }),
  ]);
  const problems: string[] = [];
  const partOf = <Body>(part: string, answer: PartAnswer<Body>): Body | null => {
    if (answer.ok) return answer.body;
    const { status, title, detail } = answer.problem;
    const isPartial = status === 403 || status === 429 || status >= 500;
    // Of many clients one may have gone a moment ago; of the one that was asked for, it is the answer.
    if (status === 401 || (!isPartial && single !== undefined)) throw new ApiError(answer.problem);
    problems.push(`${part}: ${detail || title}`);
    return null;
  };
  return {
    client_id: clientId,
    leads: partOf('leads', counts),
    deliveries: partOf('deliveries', deliveries),
    refused: countRefused(partOf('refusals', refusals)?.data ?? null),
    newest: listed === undefined ? null : (partOf('newest leads', listed)?.data ?? null),
    problems,
  };
}

function countRefused(
  refusals: readonly { readonly reason: string; readonly count: number }[] | null,
): RefusedCount[] | null {
  if (refusals === null) return null;
  const groups = Map.groupBy(refusals, ({ reason }) => reason);
  return [...groups].map(([reason, some]) => ({
    reason,
    count: some.reduce((sum, { count }) => sum + count, 0),
  }));
}

type PartAnswer<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly problem: Problem };
