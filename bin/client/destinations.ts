import {
  type DestinationKind,
  integrationContract,
  type ShownDestination,
} from '../../daemons/integration/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { Gateway } from './gateway.ts';
import { type AskPage, listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';
import type { ClientGateway } from './scope.ts';

/** Asks for pages of the client's destinations. */
export function listDestinations(gateway: ClientGateway): AskPage<ShownDestination> {
  const integrations = gateway.of(integrationContract);
  const params = { client_id: gateway.clientId };
  return (query) => integrations.call('listDestinations', { params, query });
}

/** By name or id; a `CliError` (exit 5) when there is none. */
export async function findDestination(
  gateway: ClientGateway,
  text: string,
): Promise<ShownDestination> {
  const id = asId(text);
  const found: ShownDestination[] = [];
  for await (const one of listAll(listDestinations(gateway))) {
    // A name may look like an id.
    if (one.name === text || one.id === id) found.push(one);
  }
  const list = `leadctl destination ls --client ${gateway.clientId}`;
  return pickOne(found, { text, what: 'destination', list });
}

/** The kinds that the platform has. Throws an `ApiError`. */
export async function readKinds(gateway: Gateway): Promise<readonly DestinationKind[]> {
  return bodyOf(await gateway.of(integrationContract).call('listDestinationKinds', {}));
}

/** What is known of a kind; undefined where there is no such kind, or the caller may not ask. */
export async function lookUpKind(
  gateway: Gateway,
  name: string,
): Promise<DestinationKind | undefined> {
  const answer = await gateway.of(integrationContract).call('listDestinationKinds', {});
  if (!answer.ok && answer.problem.status === 403) return undefined;
  return bodyOf(answer).find(({ kind }) => kind === name);
}
