import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { ProviderCall } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import { knownGraphError } from '../meta/graph-errors.ts';
import { refuseToken } from '../meta/tokens.ts';
import { refuseMessage } from './check-message.ts';
import type { WhatsAppDeps } from './deps.ts';
import { bodyParameters, messageSchema, type Message } from './message.ts';
import type { AcceptedMessage } from './outbox.ts';
import { waIdOf } from './phone-numbers.ts';
import { announceStatuses } from './statuses.ts';

/** POST /{phone_number_id}/messages */
export function sendMessage(call: ProviderCall, deps: WhatsAppDeps): ProviderReply {
  const refusedToken = refuseToken(call, {
    ...deps,
    scope: 'whatsapp_business_messaging',
    requireProof: false,
  });
  if (refusedToken) return refusedToken;
  const read = messageSchema.safeParse(readJson(call.body));
  if (!read.success) return malformed(read.error);
  const message = read.data;
  const refused = refuseMessage(message, deps.templates);
  if (refused) return refused;
  const from = deps.phoneNumbers.get(call.params['node_id'] ?? '');
  const to = message.to ?? '';
  const waId = waIdOf(to, from);
  const overLimit = deps.limits.refuse(from.id, waId);
  if (overLimit) return overLimit;

  const accepted = accept(message, { from: from.id, to, waId }, deps);
  announceStatuses(accepted, from, deps);
  return {
    status: 200,
    body: {
      messaging_product: 'whatsapp',
      contacts: [{ input: to, wa_id: waId }],
      messages: [
        { id: accepted.id, message_status: deps.behaviour.current().statuses.message_status },
      ],
    },
  };
}

function accept(
  message: Message,
  route: { from: string; to: string; waId: string },
  deps: WhatsAppDeps,
): AcceptedMessage {
  const accepted: AcceptedMessage = {
    id: `wamid.${randomBytes(32).toString('base64')}`,
    phone_number_id: route.from,
    to: route.to,
    wa_id: route.waId,
    type: message.type ?? 'text',
    template: message.template,
    text: readable(message, deps),
    biz_opaque_callback_data: message.biz_opaque_callback_data,
    at: deps.clock().toISOString(),
    status: 'accepted',
  };
  deps.outbox.add(accepted);
  deps.changed();
  const { template } = message;
  if (template?.name !== undefined && deps.templates.isGenerous()) {
    const names = bodyParameters(template).map((parameter) => parameter.parameter_name);
    deps.templates.learn(template.name, template.language?.code ?? 'en_US', names);
  }
  return accepted;
}

/** The template's text with its parameters in place; without a registered one, the parameters in a row. */
function readable(message: Message, deps: WhatsAppDeps): string {
  const { template } = message;
  if (template?.name === undefined) return message.text?.body ?? '';
  const parameters = bodyParameters(template);
  const known = deps.templates.find(template.name, template.language?.code ?? '');
  if (known === undefined) return parameters.map(({ text = '' }) => text).join(' · ');
  const values = new Map(
    parameters.map(({ parameter_name: name, text = '' }, index) => [name ?? `${index + 1}`, text]),
  );
  return known.body.replaceAll(
    /\{\{\s*(\w+)\s*\}\}/g,
    (placeholder, name: string) => values.get(name) ?? placeholder,
  );
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function malformed({ issues: [issue] }: z.ZodError): ProviderReply {
  const where = issue?.path.join('.') ?? '';
  return knownGraphError(100, `${where === '' ? 'body' : where}: ${issue?.message ?? 'invalid'}`);
}
