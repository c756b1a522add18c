import type { Clock } from '../../lib/core/clock.ts';
import { createBoundedMap } from '../bounded.ts';

export interface FieldData {
  readonly name: string;
  readonly values: readonly string[];
}

/** A lead as Graph keeps it; times in unix seconds. */
export interface MetaLead {
  readonly id: string;
  readonly page_id: string;
  readonly form_id: string;
  readonly created_time: number;
  readonly field_data: readonly FieldData[];
  readonly ad_id: string | undefined;
  readonly ad_name: string | undefined;
  readonly adset_id: string | undefined;
  readonly campaign_id: string | undefined;
  readonly campaign_name: string | undefined;
  readonly platform: string;
  readonly is_organic: boolean;
  readonly custom_disclaimer_responses: readonly {
    readonly checkbox_key: string;
    readonly is_checked: string;
  }[];
}

export type NewMetaLead = Pick<MetaLead, 'page_id' | 'form_id' | 'field_data'> & {
  readonly [K in Exclude<keyof MetaLead, 'id' | 'page_id' | 'form_id' | 'field_data'>]?:
    | MetaLead[K]
    | undefined;
};

export interface MetaLeads {
  add(lead: NewMetaLead): MetaLead;
  find(id: string): MetaLead | undefined;
  /** Newest first, as Graph lists them. */
  ofForm(formId: string): MetaLead[];
  /** The page of a form that ever had a lead. */
  pageOf(formId: string): string | undefined;
  formsOf(pageId: string): string[];
  remove(id: string): void;
  clear(): void;
}

export function createMetaLeads(deps: {
  clock: Clock;
  newId: () => string;
  keepEntries: number;
}): MetaLeads {
  const leads = createBoundedMap<MetaLead>(deps.keepEntries);
  return {
    add(lead) {
      const created: MetaLead = {
        id: deps.newId(),
        page_id: lead.page_id,
        form_id: lead.form_id,
        created_time: lead.created_time ?? Math.floor(deps.clock().getTime() / 1000),
        field_data: lead.field_data,
        ad_id: lead.ad_id,
        ad_name: lead.ad_name,
        adset_id: lead.adset_id,
        campaign_id: lead.campaign_id,
        campaign_name: lead.campaign_name,
        platform: lead.platform ?? 'fb',
        is_organic: lead.is_organic ?? lead.ad_id === undefined,
        custom_disclaimer_responses: lead.custom_disclaimer_responses ?? [],
      };
      leads.set(created.id, created);
      return created;
    },
    find: (id) => leads.get(id),
    ofForm: (formId) =>
      leads
        .values()
        .filter((lead) => lead.form_id === formId)
        .sort((a, b) => b.created_time - a.created_time || (BigInt(b.id) > BigInt(a.id) ? 1 : -1)),
    pageOf: (formId) => leads.values().find((lead) => lead.form_id === formId)?.page_id,
    formsOf: (pageId) => [
      ...new Set(
        leads
          .values()
          .filter((lead) => lead.page_id === pageId)
          .map((lead) => lead.form_id),
      ),
    ],
    remove: (id) => leads.delete(id),
    clear: () => leads.clear(),
  };
}
