import { endOfString, endOfValue, skipSpace } from './json-scan.ts';

/** One member of an object, as places in its text. */
export interface JsonMember {
  readonly key: string;
  /** Where its key begins. */
  readonly from: number;
  readonly valueFrom: number;
  /** The place after its value. */
  readonly to: number;
}

/**
 * The members of the object that `text` is, in their order, repeated ones too; no value is read or
 * checked. Throws SyntaxError when what lies between them is not JSON, or when it is no object.
 */
export function membersOf(text: string, most = Number.POSITIVE_INFINITY): JsonMember[] {
  const members: JsonMember[] = [];
  walk(text, { open: '{', close: '}', start: 0 }, most, (from) => {
    if (text[from] !== '"') throw unexpected(text, from);
    const keyEnd = endOfString(text, from) + 1;
    const colon = skipSpace(text, keyEnd);
    if (text[colon] !== ':') throw unexpected(text, colon);
    const valueFrom = skipSpace(text, colon + 1);
    const to = endOfValue(text, valueFrom);
    members.push({ key: String(JSON.parse(text.slice(from, keyEnd))), from, valueFrom, to });
    return to;
  });
  return members;
}

/** The texts of the elements of the list that `text` is, at most `most`; for the rest as `membersOf`. */
export function elementsOf(text: string, most: number): string[] {
  const elements: string[] = [];
  walk(text, { open: '[', close: ']', start: 0 }, most, (from) => {
    const to = endOfValue(text, from);
    if (to === from) throw unexpected(text, from);
    elements.push(text.slice(from, to));
    return to;
  });
  return elements;
}

/** The text of the member's value, as a parser would read it: the last one's of that name. */
export function memberText(text: string, name: string): string | undefined {
  const member = membersOf(text).findLast(({ key }) => key === name);
  return member && text.slice(member.valueFrom, member.to);
}

/** `text`, an object, without the members of this name: all else stays to the letter. */
export function withoutMember(text: string, name: string): string {
  const kept = membersOf(text).filter(({ key }) => key !== name);
  return `{${kept.map(({ from, to }) => text.slice(from, to)).join(',')}}`;
}

/** Hands over where each part begins, until `most` were handed over; `take` says where it ends. */
function walk(
  text: string,
  { open, close, start }: { open: string; close: string; start: number },
  most: number,
  take: (from: number) => number,
): void {
  let at = skipSpace(text, start);
  if (text[at] !== open) throw unexpected(text, at);
  at = skipSpace(text, at + 1);
  if (text[at] !== close) {
    for (let taken = 1; ; taken += 1) {
      at = skipSpace(text, take(at));
      if (taken >= most) return;
      if (text[at] === close) break;
      if (text[at] !== ',') throw unexpected(text, at);
      at = skipSpace(text, at + 1);
    }
  }
  const end = skipSpace(text, at + 1);
  if (end < text.length) throw unexpected(text, end);
}

function unexpected(text: string, at: number): SyntaxError {
  return at < text.length
    ? new SyntaxError(`Unexpected character at position ${at}`)
    : new SyntaxError('Unexpected end of JSON');
}
