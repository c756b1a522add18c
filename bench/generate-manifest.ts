export interface Size {
  readonly clients: number;
  /** Of all clients together. */
  readonly members: number;
  /** Begins every name, so that several fit on one platform. */
  readonly prefix?: string;
}

const REPORTS_PER_MANAGER = 5;

/** A whole platform of this size: every client with a tree of members, products, keys, a page, integrations. */
export function generateManifest({ clients, members, prefix = 'bench' }: Size) {
  const perClient = Math.ceil(members / clients);
  return {
    apiVersion: 'leadctl/v1',
    set: prefix,
    roles: [
      { name: `${prefix} manager`, level: '20', grants: ['* /api/clients/{client_id}/leads/**'] },
      { name: `${prefix} rep`, level: '40', grants: ['GET /api/clients/{client_id}/leads/**'] },
    ],
    industries: [
      {
        name: `${prefix} auto`,
        categories: [{ name: 'SUV', products: ['Roadster', 'Pathfinder', 'Carrier'] }],
      },
    ],
    clients: Array.from({ length: clients }, (_, at) =>
      clientOf(`${prefix}-${at}`, at, Math.min(perClient, members - at * perClient), prefix),
    ),
  };
}

function clientOf(id: string, number: number, members: number, prefix: string) {
  const email = (at: number): string => `m${at}@${id}.example`;
  return {
    client_id: id,
    name: `Client ${number}`,
    default_country: 'DE',
    members: Array.from({ length: Math.max(0, members) }, (_, at) => ({
      email: email(at),
      role: at < 3 ? `${prefix} manager` : `${prefix} rep`,
      ...(at === 0 ? {} : { reports_to: email(Math.floor((at - 1) / REPORTS_PER_MANAGER)) }),
    })),
    products: [
      { industry: `${prefix} auto`, category: 'SUV', product: 'Roadster' },
      { industry: `${prefix} auto`, category: 'SUV', product: 'Carrier', enabled: false },
    ],
    api_keys: [{ name: 'website', allowed_origins: [`https://${id}.example`] }],
    meta_sources: [{ page_id: pageOf(id) }],
    integrations: {
      whatsapp_enabled: true,
      whatsapp: {
        phone_number_id: `10000${number}`,
        template: { name: 'new_lead', language: 'en_US', parameters: ['name'] },
      },
    },
  };
}

/** A page belongs to one client only. */
function pageOf(id: string): string {
  return [...Buffer.from(id)].map((byte) => String(byte).padStart(3, '0')).join('');
}
