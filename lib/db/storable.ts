/**
 * PostgreSQL's text and jsonb hold every character but U+0000 and lone surrogates. Both become
 * U+FFFD here, visibly; all else is stored as sent.
 */
export function safeText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{FFFD}') : wellFormed;
}

const SUSPECT_ESCAPE = /\\u(?:0000|d[89a-f])/i;
/** A whole pair of surrogates first, then one `\u….` escape, then any other: `\\u0000` is no NUL. */
const ESCAPES = /\\u(?:(d[89ab]..\\ud[c-f]..)|(0000|d[89a-f]..)|....)|\\[^u]/gi;

/**
 * JSON text that jsonb takes, by mending its escapes alone: nothing is parsed, so that numbers,
 * repeated keys and any depth of nesting come through.
 */
export function storableJson(text: string): string {
  const safe = safeText(text);
  return SUSPECT_ESCAPE.test(safe)
    ? safe.replace(ESCAPES, (escape, _pair: string | undefined, unstorable: string | undefined) =>
        unstorable === undefined ? escape : '\u{FFFD}',
      )
    : safe;
}

/** The last resort for JSON that jsonb refuses all the same, such as a number of 200 000 digits. */
export function wrapUnstorable(text: string): string {
  return JSON.stringify({ _unparsed: safeText(text) });
}
