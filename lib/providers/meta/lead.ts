import { z } from 'zod';
import { bigIdSchema } from '../../core/big-id.ts';

/** A lead as Meta keeps it. Ids are strings, whatever Meta sent. */
export interface MetaLead {
  readonly id: string;
  readonly createdAt: Date;
  readonly formId: string | null;
  readonly adId: string | null;
  readonly campaignId: string | null;
  /** `fb`, `ig` … */
  readonly platform: string | null;
  readonly isOrganic: boolean | null;
  /** The form's fields in their order; a field may have no value, or several. */
  readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** The only place where consent is told. */
  readonly disclaimers: readonly { readonly key: string; readonly isChecked: boolean }[];
}

/** The `fields` parameter that fetches what `metaLeadSchema` reads. */
export const META_LEAD_FIELDS =
  'id,created_time,field_data,form_id,ad_id,campaign_id,platform,is_organic,custom_disclaimer_responses';

const optionalId = bigIdSchema.nullish().transform((id) => id ?? null);

export const metaLeadSchema = z
  .object({
    id: bigIdSchema,
    created_time: z.string().transform(toDate),
    form_id: optionalId,
    ad_id: optionalId,
    campaign_id: optionalId,
    platform: z.string().nullish(),
    is_organic: z.boolean().nullish(),
    field_data: z
      .array(
        z.object({
          name: z.string(),
          values: z
            .array(z.union([z.string(), z.number(), z.boolean()]).transform(String))
            .default([]),
        }),
      )
      .default([]),
    custom_disclaimer_responses: z
      .array(
        z.object({
          checkbox_key: z.string(),
          is_checked: z.union([z.string(), z.boolean()]).default(''),
        }),
      )
      .default([]),
  })
  .transform((lead): MetaLead => {
    return {
      id: lead.id,
      createdAt: lead.created_time,
      formId: lead.form_id,
      adId: lead.ad_id,
      campaignId: lead.campaign_id,
      platform: lead.platform ?? null,
      isOrganic: lead.is_organic ?? null,
      fields: lead.field_data,
      disclaimers: lead.custom_disclaimer_responses.map((one) => ({
        key: one.checkbox_key,
        isChecked: one.is_checked === '1' || one.is_checked === true,
      })),
    };
  });

// "+0000" without a colon is not ISO 8601 as ECMAScript promises to read it.
function toDate(text: string, context: z.RefinementCtx): Date {
  const date = new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (!Number.isNaN(date.getTime())) return date;
  context.addIssue({ code: 'custom', message: 'not a time', input: text });
  return z.NEVER;
}
