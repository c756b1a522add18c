/**
 * The members of a JSON object as texts for people: strings without quotes, a list of strings with commas,
 * nothing for null, and everything else as it stands in the text, so that a number keeps each of its digits.
 * Reads the text from left to right without recursion, so that no depth is too deep; it must be JSON, as the
 * database gives it. Empty for what is no object.
 */
export function payloadTexts(json: string): Readonly<Record<string, string>> {
  const members = partsOf(json.trim(), '{');
  return Object.fromEntries(
    members.flatMap((member) => {
      const colon = endOfString(member, 0);
      const name: unknown = colon > 0 ? JSON.parse(member.slice(0, colon)) : undefined;
      return typeof name === 'string' ? [[name, valueText(member.slice(colon + 1))]] : [];
    }),
  );
}

function valueText(value: string): string {
  if (value === 'null') return '';
  if (value.startsWith('"')) return stringOf(value);
  if (!value.startsWith('[')) return value;
  const items = partsOf(value, '[');
  return items.every((item) => item.startsWith('"')) ? items.map(stringOf).join(', ') : value;
}

function stringOf(literal: string): string {
  const text: unknown = JSON.parse(literal);
  return typeof text === 'string' ? text : '';
}

/** What stands between the outer brackets, cut at its own commas, without blanks outside of strings. */
function partsOf(json: string, opening: '{' | '['): string[] {
  if (!json.startsWith(opening)) return [];
  const parts: string[] = [];
  let part: string[] = [];
  let depth = 0;
  for (let at = 1; at < json.length - 1; at += 1) {
    const character = json.charAt(at);
    if (character === '"') {
      const end = endOfString(json, at);
      part.push(json.slice(at, end));
      at = end - 1;
    } else if (character === ',' && depth === 0) {
      parts.push(part.join(''));
      part = [];
    } else if (!/\s/.test(character)) {
      if (character === '{' || character === '[') depth += 1;
      if (character === '}' || character === ']') depth -= 1;
      part.push(character);
    }
  }
  const last = part.join('');
  return last === '' ? parts : [...parts, last];
}

/** Just behind the string that begins at `start`; 0 when none does. */
function endOfString(json: string, start: number): number {
  if (json.charAt(start) !== '"') return 0;
  for (let at = start + 1; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '"') return at + 1;
  }
  return 0;
}
