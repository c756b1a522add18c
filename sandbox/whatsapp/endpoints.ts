import type { WhatsAppDeps } from './deps.ts';
import { refuseToken } from '../meta/tokens.ts';
import { isGraphVersion } from '../meta/version.ts';
import type { ProviderCall, ProviderEndpoint } from '../provider.ts';
import type { ProviderReply } from '../reply.ts';
import type { PhoneNumber } from './phone-numbers.ts';
import { sendMessage } from './send.ts';
import { presentTemplate } from './templates.ts';

/** The WhatsApp Cloud API: sending, and looking at templates and numbers. */
export function whatsappEndpoints(deps: WhatsAppDeps): ProviderEndpoint[] {
  const common = { provider: 'whatsapp', subject: 'node_id', accepts: isGraphVersion } as const;
  return [
    {
      ...common,
      method: 'POST',
      path: '/:version/:node_id/messages',
      operation: 'messages',
      handle: (call) => sendMessage(call, deps),
    },
    {
      ...common,
      method: 'GET',
      path: '/:version/:node_id/message_templates',
      operation: 'templates',
      handle: (call) => manage(call, deps, () => listTemplates(call, deps)),
    },
    {
      ...common,
      method: 'GET',
      path: '/:version/:node_id/phone_numbers',
      operation: 'phone_numbers',
      handle: (call) => manage(call, deps, () => listNumbers(call, deps)),
    },
  ];
}

function manage(call: ProviderCall, deps: WhatsAppDeps, work: () => ProviderReply): ProviderReply {
  const scope = 'whatsapp_business_management';
  return refuseToken(call, { ...deps, scope, requireProof: false }) ?? work();
}

function listTemplates(call: ProviderCall, deps: WhatsAppDeps): ProviderReply {
  const data = deps.templates.list(call.query.get('name') ?? undefined).map(presentTemplate);
  return { status: 200, body: { data, paging: { cursors: { before: 'MAZDZD', after: 'MjQZD' } } } };
}

function listNumbers(call: ProviderCall, deps: WhatsAppDeps): ProviderReply {
  const numbers = deps.phoneNumbers.ofAccount(call.params['node_id'] ?? '');
  return { status: 200, body: { data: numbers.map(presentNumber) } };
}

/** GET /{phone_number_id} */
export function getPhoneNumber(call: ProviderCall, deps: WhatsAppDeps): ProviderReply {
  return manage(call, deps, () => {
    const number = deps.phoneNumbers.get(call.params['node_id'] ?? '');
    const asked = call.query.get('fields')?.split(',') ?? [];
    const account = asked.includes('whatsapp_business_account')
      ? { whatsapp_business_account: { id: number.waba_id } }
      : {};
    return { status: 200, body: { ...presentNumber(number), ...account } };
  });
}

function presentNumber(number: PhoneNumber) {
  return {
    id: number.id,
    display_phone_number: number.display_phone_number,
    verified_name: number.verified_name,
    quality_rating: number.quality_rating,
    code_verification_status: 'VERIFIED',
    platform_type: 'CLOUD_API',
    throughput: { level: 'STANDARD' },
  };
}
