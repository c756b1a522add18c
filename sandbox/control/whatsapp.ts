import { fail } from '../../lib/core/errors.ts';
import { madeUp } from '../whatsapp/phone-numbers.ts';
import { statusText } from '../whatsapp/statuses.ts';
import type { ControlDeps, ControlHandlers } from './deps.ts';

type WhatsAppHandlers = Pick<
  ControlHandlers,
  'listMessages' | 'registerTemplate' | 'registerPhoneNumber' | 'sendStatus'
>;

export function whatsappHandlers({ state, clock }: ControlDeps): WhatsAppHandlers {
  return {
    listMessages: () => {
      const data = state.outbox.all().map((message) => ({
        ...message,
        template: message.template ?? null,
        biz_opaque_callback_data: message.biz_opaque_callback_data ?? null,
      }));
      return { data };
    },
    registerTemplate: ({ body }) => state.templates.register(body),
    registerPhoneNumber: ({ body }) => {
      const made = madeUp(body.id);
      const number = {
        id: body.id,
        waba_id: body.waba_id ?? made.waba_id,
        display_phone_number: body.display_phone_number ?? made.display_phone_number,
        verified_name: body.verified_name ?? made.verified_name,
        quality_rating: body.quality_rating ?? made.quality_rating,
        country_code: body.country_code ?? made.country_code,
      };
      state.phoneNumbers.register(number);
      return { id: number.id, waba_id: number.waba_id };
    },
    sendStatus: async ({ params, body }) => {
      const message = state.outbox.all().find(({ id }) => id === params.message_id);
      if (message === undefined) {
        return fail('not_found', 'No such message was accepted here; list them to see their ids.');
      }
      const from = state.phoneNumbers.get(message.phone_number_id);
      const text = statusText(message, body.status, from, { ...state, clock });
      message.status = body.status;
      state.changed();
      const object = 'whatsapp_business_account';
      const gatewayStatus = await state.sender.sendNow({ object, text });
      return { gateway_status: gatewayStatus };
    },
  };
}
