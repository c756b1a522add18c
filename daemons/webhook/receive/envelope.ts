import { z } from 'zod';
import { isFailure } from '../../../lib/core/errors.ts';
import { safeText } from '../../../lib/db/storable.ts';
import { decodeUtf8 } from '../../../lib/http/fields.ts';
import { cutDeeper, MOST_LEVELS } from '../../../lib/core/json-scan.ts';
import { parseJson } from '../../../lib/core/lossless-json.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';
import { ignoredChange, providerId, type Change, type IncomingEvent } from './event.ts';
import { readLeadgen } from './leadgen.ts';
import { readStatuses } from './statuses.ts';
import { readWords } from './words.ts';

type ChangeReader = (change: Change) => readonly IncomingEvent[] | undefined;

/** A change may tell statuses, people's messages, or both. */
const readWhatsApp: ChangeReader = (change) => {
  const told = [...(readStatuses(change) ?? []), ...readWords(change)];
  return told.length > 0 ? told : undefined;
};

const READERS: readonly ChangeReader[] = [readLeadgen, readWhatsApp];

const label = z.string().transform((text) => safeText(text.slice(0, 100)));
const envelopeSchema = z.object({
  object: label,
  entry: z.array(
    z.object({
      id: z.unknown().optional(),
      changes: z.array(z.unknown()).catch([]),
    }),
  ),
});
const changeSchema = z.object({ field: label, value: z.unknown().optional() });

/**
 * Reads a signed post. Whatever Meta signs is kept, so nothing is refused here: a body that is no
 * envelope becomes one ignored event that says so, since Meta would send it again for 36 hours and
 * it would not read any better. A change that cannot be read does not hurt its neighbours.
 */
export function readPost(bytes: Uint8Array): IncomingEvent[] {
  const body = parseBody(bytes);
  if (body === undefined) return [unreadable(bytes, 'not_json', 'The body is not JSON in UTF-8.')];
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success) {
    return [
      unreadable(bytes, 'not_an_envelope', 'The body has no object and entry as Meta’s have.'),
    ];
  }
  const { object, entry } = envelope.data;
  return entry.flatMap(({ id, changes }) =>
    changes.flatMap((change) => readChange(object, providerId(id), change)),
  );
}

function parseBody(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (isFailure(text)) return undefined;
  try {
    // The post itself is kept whole; of what is nested without end, no reader could make anything.
    return parseJson(cutDeeper(text, MOST_LEVELS));
  } catch {
    return undefined;
  }
}

function readChange(
  object: string,
  entryId: string | null,
  given: unknown,
): readonly IncomingEvent[] {
  const parsed = changeSchema.safeParse(given);
  const change = { object, entryId, field: '', value: given, ...parsed.data };
  for (const read of READERS) {
    const events = read(change);
    if (events !== undefined) return events;
  }
  return [
    ignoredChange(change, 'not_handled', 'This kind of change is not one that leads come from.'),
  ];
}

function unreadable(bytes: Uint8Array, code: string, message: string): IncomingEvent {
  return {
    object: 'unknown',
    field: 'unknown',
    dedupeKey: `post:${sha256Hex(bytes)}`,
    pageId: null,
    formId: null,
    leadgenId: null,
    value: '{}',
    ignored: { code, message },
  };
}
