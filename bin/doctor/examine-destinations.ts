import { integrationContract, type ShownDestination } from '../../daemons/integration/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { listDestinations } from '../client/destinations.ts';
import type { Gateway } from '../client/gateway.ts';
import { listEvery } from '../client/paging.ts';
import {
  checkDestinationReport,
  checkDestinations,
  isCheckable,
  notLookedAt,
} from './destinations.ts';
import type { Finding } from './finding.ts';

/** Destinations of a client, each checked where nobody sees that; those of `besides` are checked elsewhere. */
export async function examineDestinations(
  gateway: Gateway,
  clientId: string,
  {
    besides,
    attempt,
  }: {
    readonly besides: readonly string[];
    /** What may not be looked at is a finding, too. */
    readonly attempt: (
      layer: string,
      check: string,
      look: () => Promise<readonly Finding[]>,
    ) => Promise<readonly Finding[]>;
  },
): Promise<readonly Finding[]> {
  return await attempt('deliveries', 'destinations', async () => {
    const integrations = gateway.of(integrationContract);
    const all = await listEvery(listDestinations({ ...gateway, clientId }));
    const listed = await integrations.call('listDestinationKinds', {});
    const kinds = listed.ok ? listed.body : [];
    const look = async (one: ShownDestination): Promise<readonly Finding[]> => {
      if (!isCheckable(one, kinds)) return [notLookedAt(one, clientId)];
      const params = { client_id: clientId, destination_id: one.id };
      return await attempt(`destination ${one.name}`, 'test', async () =>
        checkDestinationReport(
          bodyOf(await integrations.call('testDestination', { params })),
          kinds.find(({ kind }) => kind === one.kind),
          clientId,
        ),
      );
    };
    const found: Finding[] = [];
    // One after the other: a client may have a hundred.
    for (const one of all) {
      if (one.enabled && !besides.includes(one.name)) found.push(...(await look(one)));
    }
    return [...found, ...checkDestinations(all, clientId)];
  });
}
