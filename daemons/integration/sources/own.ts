import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { StoredIntegrations } from '../switchboard/model.ts';
import { addSource, findSource, removeSource, type SourceKey } from './store.ts';

type Named = Pick<StoredIntegrations, 'meta_page_id' | 'meta_form_id'>;

/** The page (and form) named in the integrations is a mapping like any other, made along with them. */
export async function moveOwnSource(
  unit: ClientUnit,
  before: Named,
  after: Named,
  at: Date,
): Promise<Failure | undefined> {
  const [from, to] = [keyOf(before), keyOf(after)];
  if (from?.pageId === to?.pageId && from?.formId === to?.formId) return undefined;
  const old = from && (await findSource(unit, from));
  if (old !== undefined) await removeSource(unit, old.id);
  if (to === undefined) return undefined;
  return (await addSource(unit, to, at)) === 'taken' ? sourceTaken(to) : undefined;
}

function keyOf({ meta_page_id: pageId, meta_form_id: formId }: Named): SourceKey | undefined {
  return pageId === null ? undefined : { pageId, formId };
}

export function sourceTaken({ pageId, formId }: SourceKey): Failure {
  const what = formId === null ? `Page ${pageId}` : `Form ${formId} of page ${pageId}`;
  return fail(
    'conflict',
    `${what} is mapped to another client already; remove that mapping first.`,
  );
}
