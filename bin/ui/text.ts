/**
 * Control characters (an escape sequence in a lead's name would drive the terminal), line separators
 * and bidirectional overrides (they reorder what stands beside them).
 */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const UNSAFE_IN_CSV =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu;
const UNSAFE_IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line that is safe to print: what could act on the terminal is shown as an escape. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escape(character));
}

/** As `visible`, line by line. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visible).join('\n');
}

/** As `visible`, but line breaks and tabs stay: CSV can quote them. */
export function visibleInCsv(text: string): string {
  return text.replace(UNSAFE_IN_CSV, escape);
}

/** The same JSON with every character that a terminal could act on written as an escape. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, escape);
}

/** Whether `escapeJson` has something to escape in it. */
export function hasUnsafe(text: string): boolean {
  return escapeJson(text) !== text;
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
