import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SentItem } from '../contract/handler.ts';
import { fail, isFailure, type Failure } from '../core/errors.ts';
import { elementsOf, membersOf } from '../core/json-parts.ts';
import { decodeUtf8 } from './fields.ts';
import { MOST_KEYS, notJson, readSent, tooManyKeys } from './json-body.ts';

export interface ItemsSpec {
  /** The one member that the body has. */
  readonly list: string;
  readonly mostItems: number;
}

const MOST_MEMBERS = 100;
/** What is sent alone may have no more, either. */
const MOST_ITEM_CHARACTERS = 256 * 1024;

/**
 * A body that is one list, taken apart by its text and read item by item: one that is nested without
 * end costs no more than its length, and nothing of its neighbours. A body that is not JSON anywhere is
 * refused whole, for where an item ends is not certain then.
 */
export async function parseItems(
  bytes: Buffer,
  spec: ItemsSpec,
): Promise<readonly SentItem[] | Failure> {
  const text = decodeUtf8(bytes);
  if (isFailure(text)) return text;
  try {
    const list = listOf(text, spec);
    if (isFailure(list)) return list;
    return await readItems(elementsOf(list, spec.mostItems + 1), spec);
  } catch (error) {
    return notJson(error);
  }
}

function listOf(text: string, { list }: ItemsSpec): string | Failure {
  if (!text.trimStart().startsWith('{')) return wrong('body', 'must be an object');
  const members = membersOf(text, MOST_MEMBERS);
  const stranger = members.find(({ key }) => key !== list);
  if (stranger) return wrong(`body.${stranger.key.slice(0, 100)}`, 'is not known here');
  const found = members.at(-1);
  const value = found === undefined ? '' : text.slice(found.valueFrom, found.to);
  return value.startsWith('[') ? value : wrong(`body.${list}`, 'must be a list');
}

async function readItems(
  texts: readonly string[],
  spec: ItemsSpec,
): Promise<readonly SentItem[] | Failure> {
  const { list, mostItems } = spec;
  if (texts.length === 0) return wrong(`body.${list}`, 'must have at least one item');
  if (texts.length > mostItems) return wrong(`body.${list}`, `may have at most ${mostItems} items`);
  const items: SentItem[] = [];
  let keys = 0;
  let unpaused = 0;
  for (const text of texts) {
    if (text.length > MOST_ITEM_CHARACTERS) {
      items.push({ failure: itemTooLarge() });
      continue;
    }
    unpaused += text.length;
    if (unpaused > MOST_ITEM_CHARACTERS) {
      // What else the process has to answer comes in between.
      await nextTurn();
      unpaused = text.length;
    }
    const read = readSent(text);
    if (isFailure(read) && read.code === 'malformed_request') return read;
    keys += isFailure(read) ? 0 : read.shape.keys;
    if (keys > MOST_KEYS) return tooManyKeys({ keys }, MOST_KEYS);
    items.push(isFailure(read) ? { failure: read } : { value: read.value, sent: read });
  }
  return items;
}

function itemTooLarge(): Failure {
  return fail(
    'body_too_large',
    `One of a list may have at most ${MOST_ITEM_CHARACTERS} characters, as if it had been sent alone.`,
  );
}

function wrong(path: string, message: string): Failure {
  return fail('validation_failed', `${path}: ${message}.`, { errors: [{ path, message }] });
}
