import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { type AskPage, listAll } from './paging.ts';
import { asId, type Named, pickOne } from './pick.ts';
import type { ClientGateway } from './scope.ts';

interface WithId {
  readonly id: string;
}

/** How many of the newest are looked through for a part of an id. */
const NEWEST = 2_000;
const LEAST_CHARACTERS = 4;

/**
 * The id that the text is, begins or ends: `…456789ab`, as tables show it, will do. Of parts the newest
 * 2,000 are looked through. A `CliError` when there is none (exit 5) or more than one (exit 6).
 */
export async function wholeId(named: Named, ask: AskPage<WithId>): Promise<string> {
  const id = asId(named.text);
  if (id !== undefined) return id;
  const part = named.text.replace(/^(…|\.{3})/, '').toLowerCase();
  const found: WithId[] = [];
  if (part.length >= LEAST_CHARACTERS && /^[0-9a-f-]+$/.test(part)) {
    let seen = 0;
    for await (const item of listAll(ask)) {
      if (item.id.startsWith(part) || item.id.endsWith(part)) found.push(item);
      seen += 1;
      if (seen >= NEWEST) break;
    }
  }
  return pickOne(found, named).id;
}

/** Of a lead of the client, by its id or a part of it. */
export function findLeadId(gateway: ClientGateway, text: string): Promise<string> {
  const leads = gateway.of(leadContract);
  const params = { client_id: gateway.clientId };
  const list = `leadctl lead ls --client ${gateway.clientId}`;
  return wholeId({ text, what: 'lead', list }, (query) =>
    leads.call('listLeads', { params, query }),
  );
}

/** Of a delivery of the client, by its id or a part of it. */
export function findDeliveryId(gateway: ClientGateway, text: string): Promise<string> {
  const integrations = gateway.of(integrationContract);
  const params = { client_id: gateway.clientId };
  const list = `leadctl delivery ls --client ${gateway.clientId}`;
  return wholeId({ text, what: 'delivery', list }, (query) =>
    integrations.call('listDeliveries', { params, query }),
  );
}
