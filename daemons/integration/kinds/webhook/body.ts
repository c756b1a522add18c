import { readPayload } from '../../../../lib/db/payload.ts';
import { eventOf } from '../occasion.ts';
import type { PlainDelivery } from '../../sending/plain.ts';

/**
 * What a receiver is sent, as JSON text: `{type, timestamp, data}`, as Standard Webhooks have it. `fields`
 * are what the form sent, numbers to the letter. `assignee` is there where it is what the message is about.
 */
export function webhookBody(
  { lane, delivery, people }: Pick<PlainDelivery<unknown>, 'lane' | 'delivery' | 'people'>,
  now: Date,
): string {
  const { lead, payload, occasion } = delivery;
  const type = eventOf(occasion);
  // When it happened: of a lead that is told of late, it is when the lead came.
  const at = type === 'lead.created' ? lead.created_at : now;
  const { assignee } = people;
  return JSON.stringify({
    type,
    timestamp: at.toISOString(),
    data: {
      lead: {
        id: lead.id,
        client_id: lane.client_id,
        name: lead.name,
        email: lead.email,
        phone: lead.phone,
        phone_valid: lead.phone_valid,
        source: lead.source,
        status: lead.status,
        product: lead.product,
        lead_reference_id: lead.lead_reference_id,
        created_at: lead.created_at.toISOString(),
        fields: readPayload(payload),
      },
      ...(type === 'lead.assigned' && { assignee: assignee && { email: assignee.email } }),
    },
  });
}
