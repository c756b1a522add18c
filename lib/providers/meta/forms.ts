import { z } from 'zod';
import { bigIdSchema } from '../../core/big-id.ts';
import { cursorOf } from './paging.ts';

/** A page's lead form. */
export interface LeadForm {
  readonly id: string;
  readonly name: string | null;
  /** `ACTIVE`, `ARCHIVED` …; an archived form keeps its leads. */
  readonly status: string | null;
}

export interface PageFormsPage {
  readonly forms: readonly LeadForm[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export const pageFormsSchema = z
  .object({
    data: z.array(
      z.object({ id: bigIdSchema, name: z.string().nullish(), status: z.string().nullish() }),
    ),
    paging: z.object({ next: z.url().optional() }).optional(),
  })
  .transform(({ data, paging }): PageFormsPage => {
    const forms = data.map(({ id, name, status }) => ({
      id,
      name: name ?? null,
      status: status ?? null,
    }));
    return { forms, nextCursor: paging?.next === undefined ? null : cursorOf(paging.next) };
  });
