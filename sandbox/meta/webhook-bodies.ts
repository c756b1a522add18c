import { defined } from '../../lib/core/defined.ts';
import type { MetaLead } from './leads.ts';
import type { MessageStatus } from './webhook-behaviour.ts';

const IDS = /"(leadgen_id|page_id|form_id|ad_id|adgroup_id|id)":"(\d+)"/g;

/** JSON text of a webhook; with `numericIds` its ids are integers, too large for a JavaScript number. */
export function webhookText(body: unknown, numericIds: boolean): string {
  const text = JSON.stringify(body);
  return numericIds ? text.replaceAll(IDS, '"$1":$2') : text;
}

export function leadgenBody(lead: MetaLead, nowS: number): unknown {
  const value = {
    created_time: lead.created_time,
    leadgen_id: lead.id,
    page_id: lead.page_id,
    form_id: lead.form_id,
    ...defined({ ad_id: lead.ad_id, adgroup_id: lead.adset_id }),
  };
  const changes = [{ field: 'leadgen', value }];
  return { object: 'page', entry: [{ id: lead.page_id, time: nowS, changes }] };
}

export interface StatusUpdate {
  readonly messageId: string;
  readonly status: MessageStatus;
  readonly waId: string;
  readonly callbackData: string | undefined;
  readonly failure: { readonly code: number; readonly title: string };
}

export interface StatusSource {
  readonly wabaId: string;
  readonly phoneNumberId: string;
  readonly displayPhoneNumber: string;
}

export function statusBody(source: StatusSource, update: StatusUpdate, nowS: number): unknown {
  const { code, title } = update.failure;
  const details = { error_data: { details: title } };
  const status = {
    id: update.messageId,
    status: update.status,
    timestamp: String(nowS),
    recipient_id: update.waId,
    ...defined({ biz_opaque_callback_data: update.callbackData }),
    ...(update.status === 'failed'
      ? { errors: [{ code, title, message: title, ...details }] }
      : { pricing: { billable: true, pricing_model: 'PMP', category: 'utility' } }),
  };
  const metadata = {
    display_phone_number: source.displayPhoneNumber,
    phone_number_id: source.phoneNumberId,
  };
  const value = { messaging_product: 'whatsapp', metadata, statuses: [status] };
  const changes = [{ value, field: 'messages' }];
  return { object: 'whatsapp_business_account', entry: [{ id: source.wabaId, changes }] };
}
