import { z } from 'zod';
import { safeText, storableJson } from '../../../lib/db/storable.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';

/** One thing that a post tells of, as it is kept. */
export interface IncomingEvent {
  readonly object: string;
  readonly field: string;
  /** The same for the same thing, however often and in whichever post it comes. */
  readonly dedupeKey: string;
  readonly pageId: string | null;
  readonly formId: string | null;
  readonly leadgenId: string | null;
  /** JSON text, storable as jsonb. Without what a later step does not need: the post is kept whole. */
  readonly value: string;
  /** Why there is nothing to do about it; null when there is. */
  readonly ignored: { readonly code: string; readonly message: string } | null;
}

/** A change as Meta sends it, its envelope around it. */
export interface Change {
  readonly object: string;
  readonly field: string;
  readonly entryId: string | null;
  readonly value: unknown;
}

/** A change that is kept for the record; its content stays in the post alone. */
export function ignoredChange(change: Change, code: string, message: string): IncomingEvent {
  const { object, field, entryId, value } = change;
  return {
    object,
    field,
    dedupeKey: `ignored:${sha256Hex(JSON.stringify([object, entryId, field, value]))}`,
    pageId: null,
    formId: null,
    leadgenId: null,
    value: '{}',
    ignored: { code, message },
  };
}

const idText = z.union([z.string(), z.number().int().nonnegative()]).transform(String);

/** An id, string or integer, as text that an index takes; null for anything else. */
export function providerId(value: unknown): string | null {
  const parsed = idText.safeParse(value);
  if (!parsed.success) return null;
  const id = parsed.data;
  return id !== '' && id.length <= 200 && safeText(id) === id ? id : null;
}

export const toStorable = (value: unknown): string => storableJson(JSON.stringify(value));
