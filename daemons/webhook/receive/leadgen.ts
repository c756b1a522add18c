import { z } from 'zod';
import { ignoredChange, providerId, toStorable, type Change, type IncomingEvent } from './event.ts';

const valueSchema = z.looseObject({
  leadgen_id: z.unknown().optional(),
  page_id: z.unknown().optional(),
  form_id: z.unknown().optional(),
});

/** `leadgen` of a page or an Instagram account: names a lead, without anything about the person. */
export function readLeadgen(change: Change): readonly IncomingEvent[] | undefined {
  const { object, field, entryId } = change;
  if (field !== 'leadgen' || (object !== 'page' && object !== 'instagram')) return undefined;
  const value = valueSchema.safeParse(change.value).data;
  const leadgenId = providerId(value?.leadgen_id);
  if (value === undefined || leadgenId === null) {
    return [
      ignoredChange(change, 'no_leadgen_id', 'A leadgen change without a usable leadgen_id.'),
    ];
  }
  return [
    {
      object,
      field,
      dedupeKey: `leadgen:${leadgenId}`,
      // An entry of a page is the page itself; one of Instagram is the account there.
      pageId: providerId(value.page_id) ?? entryId,
      formId: providerId(value.form_id),
      leadgenId,
      value: toStorable(scalarsOf(value)),
      ignored: null,
    },
  ];
}

/** What is documented of a leadgen value is flat; whatever else it may hold stays in the post. */
function scalarsOf(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field === null || typeof field !== 'object'),
  );
}
