import { readReadiness, type ServiceCheck } from '../../client/readiness.ts';
import { defineResource } from '../resource.ts';

export const services = defineResource<ServiceCheck>({
  name: 'services',
  aliases: ['status'],
  title: 'Services',
  summary: 'which services are up',
  isOfClient: false,
  needs: ['GET', '/api/auth/me'],
  columns: [
    { header: 'CHECK', value: (row) => row.name, keep: true },
    { header: 'STATUS', value: (row) => row.status, keep: true },
    { header: 'DETAIL', value: (row) => row.detail },
  ],
  id: ({ name }) => name,
  weigh: ({ status }) => (status === 'ok' ? 'good' : 'bad'),
  load: async ({ gateway, signal }) => ({
    items: (await readReadiness(gateway, signal)).checks,
    more: false,
  }),
});
