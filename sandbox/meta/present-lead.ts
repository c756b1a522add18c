import type { MetaLead } from './leads.ts';

const DEFAULT_FIELDS = ['created_time', 'id', 'field_data'];

/** The fields of a lead that were asked for; Graph always adds the id and leaves out what is unset. */
export function presentLead(lead: MetaLead, asked: readonly string[]): Record<string, unknown> {
  const names = new Set(asked.length > 0 ? [...asked, 'id'] : DEFAULT_FIELDS);
  return Object.fromEntries(
    Object.entries(allFields(lead)).filter(
      ([name, value]) => names.has(name) && value !== undefined,
    ),
  );
}

function allFields(lead: MetaLead): Record<string, unknown> {
  const disclaimers = lead.custom_disclaimer_responses;
  return {
    id: lead.id,
    created_time: graphTime(lead.created_time),
    ad_id: lead.ad_id,
    ad_name: lead.ad_name,
    adset_id: lead.adset_id,
    campaign_id: lead.campaign_id,
    campaign_name: lead.campaign_name,
    form_id: lead.form_id,
    platform: lead.platform,
    is_organic: lead.is_organic,
    custom_disclaimer_responses: disclaimers.length > 0 ? disclaimers : undefined,
    field_data: lead.field_data,
  };
}

/** `2026-11-24T07:00:00+0000`, Graph's spelling. */
function graphTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace(/\.\d+Z$/, '+0000');
}
