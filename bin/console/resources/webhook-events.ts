import { type WebhookEvent, webhookContract } from '../../../daemons/webhook/contract.ts';
import { listUpTo } from '../../client/paging.ts';
import { eventColumns } from '../../commands/webhook/index.ts';
import { defineResource } from '../resource.ts';
import { MOST } from './most.ts';

export const webhookEvents = defineResource<WebhookEvent>({
  name: 'events',
  aliases: ['webhook', 'webhooks'],
  title: 'Web hook events',
  summary: 'what Meta sent and what became of it',
  isOfClient: false,
  needs: ['GET', '/api/webhook/events'],
  columns: eventColumns,
  id: ({ id }) => id,
  weigh: ({ status }) =>
    status === 'failed' || status === 'held' ? 'bad' : status === 'unmapped' ? 'warning' : 'usual',
  load: ({ gateway }) =>
    listUpTo((query) => gateway.of(webhookContract).call('listEvents', { query }), MOST),
});
