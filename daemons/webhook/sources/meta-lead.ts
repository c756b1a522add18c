import type { ProvidedLead } from '../../lead/contract.ts';
import type { MetaLead } from '../../../lib/providers/meta/lead.ts';

/** The sources that leads of Meta have; an id of Meta's names one lead across both. */
export const META_SOURCES = ['facebook', 'instagram'] as const;

/** Meta's names of its standard questions, the likelier first. */
const NAME = ['full_name', 'name'];
const EMAIL = ['email', 'work_email'];
const PHONE = ['phone_number', 'phone', 'work_phone_number'];

/**
 * Reads a lead of Meta's by its standard questions; all of it is kept in the payload. `object` is what the
 * webhook came as, and decides only where the lead does not say its platform.
 */
export function toProvidedLead(
  lead: MetaLead,
  context: { pageId: string | null; formId: string | null; object?: string },
): ProvidedLead {
  const values = new Map(
    lead.fields.map(({ name, values }) => [name.toLowerCase(), firstOf(values)]),
  );
  const read = (names: readonly string[]): string | null =>
    names.map((name) => values.get(name)).find((value) => value != null) ?? null;
  const parts = [read(['first_name']), read(['last_name'])].filter((part) => part !== null);
  const disclaimers = lead.disclaimers.map(({ key, isChecked }) => ({
    checkbox_key: key,
    is_checked: isChecked,
  }));
  return {
    source: sourceOf(lead.platform, context.object),
    referenceId: lead.id,
    name: read(NAME) ?? (parts.length === 0 ? null : parts.join(' ')),
    email: read(EMAIL),
    phone: read(PHONE),
    consent: disclaimers.length === 0 ? null : disclaimers,
    rawPayload: {
      leadgen_id: lead.id,
      created_time: lead.createdAt.toISOString(),
      page_id: context.pageId,
      form_id: lead.formId ?? context.formId,
      ad_id: lead.adId,
      campaign_id: lead.campaignId,
      platform: lead.platform,
      is_organic: lead.isOrganic,
      field_data: lead.fields,
      custom_disclaimer_responses: disclaimers,
    },
  };
}

function firstOf(values: readonly string[]): string | null {
  return values.find((value) => value.trim() !== '') ?? null;
}

function sourceOf(
  platform: string | null,
  object: string | undefined,
): (typeof META_SOURCES)[number] {
  if (platform === null) return object === 'instagram' ? 'instagram' : 'facebook';
  return /^(?:ig|instagram)$/i.test(platform) ? 'instagram' : 'facebook';
}
