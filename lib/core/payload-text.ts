import { elementsOf, membersOf } from './json-parts.ts';
import { endOfString } from './json-scan.ts';

/**
 * The members of a JSON object as a person reads them: strings without quotes, lists of strings with commas,
 * nothing for null, and everything else as it stands in the text, so that a number keeps each of its digits.
 * Only the members are taken apart and no value is read, so that no depth is too deep. Never throws; empty for
 * what is no object.
 */
export function payloadTexts(json: string): Readonly<Record<string, string>> {
  try {
    const texts = membersOf(json).map(({ key, valueFrom, to }): [string, string] => [
      key,
      valueText(json.slice(valueFrom, to)),
    ]);
    return Object.fromEntries(texts);
  } catch {
    // Not an object: a form may send anything.
    return {};
  }
}

function valueText(value: string): string {
  if (value === 'null') return '';
  if (value.startsWith('"')) return stringOf(value);
  const items = value.startsWith('[') ? elementsOf(value, Number.POSITIVE_INFINITY) : [];
  const isList = value.startsWith('[') && items.every((item) => item.startsWith('"'));
  return isList ? items.map(stringOf).join(', ') : withoutBlanks(value);
}

function stringOf(literal: string): string {
  const text: unknown = JSON.parse(literal);
  return typeof text === 'string' ? text : '';
}

/** Blanks within strings stay. */
function withoutBlanks(json: string): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const from = at;
    if (json[at] === '"') at = endOfString(json, at);
    if (!/^\s/.test(json.slice(from, from + 1))) parts.push(json.slice(from, at + 1));
  }
  return parts.join('');
}
