import { setTimeout as sleep } from 'node:timers/promises';
import { integrationContract } from '../../daemons/integration/contract.ts';
import { leadContract } from '../../daemons/lead/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import { answered, answeredHidden } from '../cli/guided.ts';
import type { Onboarding } from './step.ts';

const WAIT_MS = 60_000;
const POLL_MS = 500;

/** Sends a lead as the website would, and waits until everything that is owed for it has gone out. */
export async function deliverTestLead(on: Onboarding): Promise<string> {
  const { ctx, gateway } = on;
  const phone = await answered(ctx, 'Phone number to send the test to (Enter to leave it out):');
  const key = on.apiKey ?? (await answeredHidden(ctx, 'The API key (not shown):'));
  const sent = bodyOf(
    await gateway.anonymous(leadContract).call('ingest', {
      headers: { 'x-api-key': key },
      body: {
        name: 'Test of leadctl',
        email: 'test@example.com',
        source: 'onboarding',
        ...(phone === '' ? {} : { phone }),
      },
    }),
  );
  if (sent === undefined) return 'The form was sent on to another page; no lead to follow';
  return await outcomeOf(on, sent.id);
}

async function outcomeOf({ ctx, gateway }: Onboarding, lead_id: string): Promise<string> {
  const params = { client_id: gateway.clientId };
  const deadline = performance.now() + WAIT_MS;
  const signal = ctx.interruption();
  const look = `leadctl lead describe ${lead_id} --client ${gateway.clientId}`;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const query = { lead_id, limit: 50 };
    const api = gateway.of(integrationContract);
    const { data } = bodyOf(await api.call('listDeliveries', { params, query }));
    const stuck = data.find(({ status }) => status === 'held' || status === 'failed');
    if (stuck !== undefined) {
      const { code = '', message = '' } = stuck.last_error ?? {};
      return `Stored as ${lead_id}, but ${stuck.integration} is ${stuck.status} (${code}): ${message}\n  leadctl doctor --client ${gateway.clientId}`;
    }
    const isOver = data.every(({ status }) => status === 'delivered' || status === 'skipped');
    if (data.length > 0 && isOver) {
      const told = data.map(({ integration, status }) => `${integration} ${status}`).join(', ');
      return `Lead ${lead_id}: ${told}\n  ${look}`;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return `Lead ${lead_id} is stored; nothing was delivered within a minute\n  ${look}`;
}
