import { z } from 'zod';
import { clientIdSchema, type ClientId } from '../../../lib/core/ids.ts';
import type { AllClientsScope, Unit } from '../../../lib/db/scope.ts';

export type Mapping =
  | { readonly kind: 'mapped'; readonly clientId: ClientId; readonly isActive: boolean }
  | { readonly kind: 'unmapped' }
  /** Several clients name the same page in their settings, and no source decides between them. */
  | { readonly kind: 'ambiguous' };

const candidate = z.object({ client_id: clientIdSchema, status: z.string(), rank: z.int() });

/** Sources first, since a page and form belong to one client there; a form's mapping beats its page's. */
const CANDIDATES = `
  SELECT c.client_id, c.status, m.rank FROM (
    SELECT client_id, CASE WHEN form_id IS NULL THEN 3 ELSE 1 END AS rank FROM meta_sources
    WHERE page_id = :page AND (form_id IS NULL OR form_id = :form)
    UNION ALL
    SELECT client_id, CASE WHEN meta_form_id IS NULL THEN 4 ELSE 2 END FROM client_integrations
    WHERE meta_page_id = :page AND (meta_form_id IS NULL OR meta_form_id = :form)
  ) m JOIN clients c USING (client_id) ORDER BY m.rank LIMIT 5`;

/** Whose lead it is that a page's form brought. */
export async function resolveClient(
  unit: Unit<AllClientsScope>,
  pageId: string | null,
  formId: string | null,
): Promise<Mapping> {
  if (pageId === null) return { kind: 'unmapped' };
  const candidates = await unit.rows(candidate, CANDIDATES, { page: pageId, form: formId });
  const [best] = candidates;
  if (best === undefined) return { kind: 'unmapped' };
  const equals = candidates.filter(({ rank }) => rank === best.rank);
  return new Set(equals.map((one) => one.client_id)).size > 1
    ? { kind: 'ambiguous' }
    : { kind: 'mapped', clientId: best.client_id, isActive: best.status === 'active' };
}
