import { textIn, type Kind } from '../kind.ts';
import { checkWhatsApp } from './check.ts';
import { createWhatsAppWork } from './send.ts';
import { accessToken, whatsAppSettings } from './settings.ts';

export const whatsAppKind: Kind = {
  kind: 'whatsapp',
  title: 'WhatsApp message by template',
  settings: whatsAppSettings,
  secrets: {
    access_token: {
      title: 'Access token of the system user that may send from the number',
      given: accessToken,
      isRequired: true,
    },
  },
  doubt: 'await_status',
  account: (settings) => textIn(settings, 'phone_number_id') ?? '-',
  createWork: ({ clients, clock, messagesADay }) =>
    createWhatsAppWork({ client: clients.whatsApp, clock, mostADay: messagesADay }),
  checkIsSilent: true,
  check: checkWhatsApp,
};
