/**
 * PostgreSQL's text and jsonb hold every character but U+0000 and lone surrogates. Both become
 * U+FFFD here, visibly; all else is stored as sent.
 */
export function safeText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{FFFD}') : wellFormed;
}

const SUSPECT_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/**
 * JSON text that jsonb takes. Text without suspect escapes goes through as it came: numbers of any
 * precision and the order of digits survive, which parsing and printing again would not guarantee.
 */
export function storableJson(text: string): string {
  return SUSPECT_ESCAPE.test(text) || text.includes('\0')
    ? JSON.stringify(JSON.parse(text, (_key, value: unknown) => storableValue(value)))
    : text;
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return safeText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return entries.every(([key]) => safeText(key) === key)
    ? value
    : Object.fromEntries(entries.map(([key, content]) => [safeText(key), content]));
}

/** The last resort for JSON that jsonb refuses all the same (a number of 200 000 digits, endless nesting). */
export function wrapUnstorable(text: string): string {
  return JSON.stringify({ _unparsed: safeText(text) });
}
