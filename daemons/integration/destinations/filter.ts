import { z } from 'zod';
import { label } from '../../../lib/contract/refinements.ts';
import { idSchema } from '../../../lib/core/ids.ts';

const MOST = 100;
const texts = z.array(label(200)).min(1).max(MOST);

/** Which leads a destination is for; a lead has to meet all that is named. Nothing named: every lead. */
export const leadFilter = z.strictObject({
  sources: texts.optional(),
  products: z.array(idSchema).min(1).max(MOST).optional(),
  statuses: z
    .array(z.enum(['new', 'contacted', 'qualified', 'won', 'lost']))
    .min(1)
    .optional(),
  /** Fields of the lead or of its form, each equal to the text given. */
  fields: z
    .record(z.string().min(1).max(200), z.string().max(1_000))
    .refine((fields) => Object.keys(fields).length <= MOST, { message: `at most ${MOST} fields` })
    .meta({ maxProperties: MOST })
    .optional(),
});
export type LeadFilter = z.output<typeof leadFilter>;

export interface FilteredLead {
  readonly source: string;
  readonly product_id: string | null;
  readonly status: string;
}

/** `fieldsOf` is asked only where the filter names fields. */
export function matches(
  filter: LeadFilter,
  lead: FilteredLead,
  fieldsOf: () => Readonly<Record<string, string>>,
): boolean {
  const { sources, products, statuses, fields } = filter;
  if (sources !== undefined && !sources.includes(lead.source)) return false;
  if (products !== undefined && !products.some((id) => id === lead.product_id)) return false;
  if (statuses !== undefined && !statuses.some((status) => status === lead.status)) return false;
  const wanted = Object.entries(fields ?? {});
  if (wanted.length === 0) return true;
  const has = fieldsOf();
  return wanted.every(([name, value]) => Object.hasOwn(has, name) && has[name] === value);
}
