import { z } from 'zod';
import { ignoredChange, providerId, toStorable, type Change, type IncomingEvent } from './event.ts';

const valueSchema = z.looseObject({
  leadgen_id: z.unknown(),
  page_id: z.unknown(),
  form_id: z.unknown(),
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
      value: toStorable(value),
      ignored: null,
    },
  ];
}
