import { newId } from '../../../lib/core/ids.ts';
import type { Recorded } from '../../../lib/providers/testing/fake-server.ts';
import type { WhatsAppWord } from '../../../lib/providers/meta/opt-out.ts';
import type { WhatsAppStatus } from '../../../lib/providers/meta/message-status.ts';
import { createWebhookProcessor, type WebhookProcessor } from '../processing/processor.ts';
import { QUEUE_LANES } from '../processing/table.ts';
import type { GraphLead } from './fake-graph.ts';
import { leadgenPost, startWebhookKit, type WebhookKit } from './kit.ts';

type Row = Record<string, unknown>;

export interface ProcessingKit extends WebhookKit {
  readonly processor: WebhookProcessor;
  readonly statuses: WhatsAppStatus[];
  readonly words: WhatsAppWord[];
  /** Deliveries that statuses are known for. */
  readonly deliveries: Set<string>;
  /** Another worker on the same queue. */
  aProcessor(): WebhookProcessor;
  /** A lead at Meta, of form `f` unless told. */
  aLead(over?: Partial<GraphLead>): GraphLead;
  /** Meta's webhook about leads of a page. */
  notify(page: string, leads: readonly { id: string; form_id?: string }[]): Promise<number>;
  /** A sweep and all that is due. */
  work(): Promise<number>;
  /** Time passes until every retry is due. */
  makeDue(): Promise<unknown>;
  eventOf(leadgenId: string): Promise<Row | undefined>;
  /** A client's leads by reference. */
  leadsOf(clientId: string): Promise<Row[]>;
  callsFor(leadgenId: string): Recorded[];
}

export const never = new AbortController().signal;
const CREATED_MS = Date.parse('2026-11-20T10:00:00Z');

/** The webhook kit with a worker whose time the test makes pass. */
export async function startProcessingKit(): Promise<ProcessingKit> {
  const kit = await startWebhookKit();
  const statuses: WhatsAppStatus[] = [];
  const words: WhatsAppWord[] = [];
  const deliveries = new Set<string>();
  const aProcessor = () =>
    createWebhookProcessor({
      ...kit.reading,
      applyWhatsAppStatus: async (status) => {
        statuses.push(status);
        return deliveries.has(status.deliveryId ?? '') ? 'applied' : 'unknown';
      },
      applyWhatsAppWord: async (word) => {
        words.push(word);
        return 'applied';
      },
    });
  const processor = aProcessor();
  return {
    ...kit,
    processor,
    statuses,
    words,
    deliveries,
    aProcessor,
    aLead(over = {}) {
      const lead = { id: newId(), form_id: 'f', createdMs: CREATED_MS, ...over };
      kit.graph.add(lead);
      return lead;
    },
    notify: (page, leads) =>
      kit.post(
        leadgenPost(leads.map(({ id, form_id }) => ({ leadgen_id: id, page_id: page, form_id }))),
      ),
    async work() {
      await processor.sweep();
      let taken = 0;
      for (const lane of QUEUE_LANES) taken += await processor.run(lane, never);
      return taken;
    },
    makeDue: () =>
      kit.rows("UPDATE webhook_events SET next_attempt_at = now() WHERE status = 'retrying'"),
    eventOf: async (leadgenId) =>
      (await kit.rows('SELECT * FROM webhook_events WHERE leadgen_id = $1', [leadgenId]))[0],
    leadsOf: (clientId) =>
      kit.rows('SELECT * FROM leads WHERE client_id = $1 ORDER BY lead_reference_id', [clientId]),
    callsFor: (id) => kit.graph.requests.filter(({ url }) => url.pathname.endsWith(`/${id}`)),
  };
}
