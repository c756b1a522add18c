import { defineResource, type Resource } from '../resource.ts';
import { HOME } from '../state.ts';
import { audit } from './audit.ts';
import { catalogue } from './catalogue.ts';
import { clients } from './clients.ts';
import { deliveries } from './deliveries.ts';
import { destinations } from './destinations.ts';
import { grants } from './grants.ts';
import { integrations } from './integrations.ts';
import { keys } from './keys.ts';
import { leads } from './leads.ts';
import { members } from './members.ts';
import { products } from './products.ts';
import { refusals } from './refusals.ts';
import { roles } from './roles.ts';
import { services } from './services.ts';
import { sources } from './sources.ts';
import { suppressions } from './suppressions.ts';
import { tokens } from './tokens.ts';
import { users } from './users.ts';
import { webhookEvents } from './webhook-events.ts';

/** Every noun of the console, in the order of its start page. A new one is its file and a line here. */
const NOUNS: readonly Resource[] = [
  leads,
  deliveries,
  destinations,
  integrations,
  sources,
  keys,
  refusals,
  suppressions,
  members,
  products,
  webhookEvents,
  clients,
  users,
  roles,
  grants,
  catalogue,
  tokens,
  audit,
  services,
];

/** All of them, with the start page that lists them. */
export function allResources(): readonly Resource[] {
  const home = defineResource<Resource>({
    name: HOME,
    title: 'Start',
    summary: 'what there is',
    isOfClient: false,
    needs: ['GET', '/api/auth/me'],
    columns: [
      { header: 'VIEW', value: (row) => row.title, keep: true },
      { header: 'GO', value: (row) => `:${row.name}` },
      { header: 'WHAT', value: (row) => row.summary },
    ],
    id: ({ name }) => name,
    leadsTo: ({ name }) => ({ resource: name }),
    load: async ({ client, may }) => ({
      items: NOUNS.filter(
        ({ isOfClient, needs: [method, path] }) =>
          (client !== undefined || !isOfClient) && may(method, path),
      ),
      more: false,
    }),
  });
  return [home, ...NOUNS];
}
