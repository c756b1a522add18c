/** How deep JSON may be nested before it is no longer given to a parser that calls itself. */
export const MOST_LEVELS = 64;

/** What one walk over JSON text tells of it, before anything is built from it. */
export interface JsonShape {
  /** Levels of `{` and `[`; 1 for a flat object. */
  readonly depth: number;
  /** Members of all its objects. */
  readonly keys: number;
  /** It has a number that a double would show otherwise: `12345678901234567890`, `1.50`, `1e5`. */
  readonly roundsNumbers: boolean;
  /** It has a number that PostgreSQL's numeric would show otherwise: `1e5`, `-0`. */
  readonly respellsNumbers: boolean;
}

/** The shape of what `JSON.stringify` makes of texts alone. */
export const FLAT_TEXTS: JsonShape = {
  depth: 1,
  keys: 0,
  roundsNumbers: false,
  respellsNumbers: false,
};

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const BACKSLASH = 92;

/** One pass, no recursion, nothing thrown: the text need not be JSON at all. */
export function scanJson(text: string): JsonShape {
  let level = 0;
  let depth = 0;
  let keys = 0;
  let roundsNumbers = false;
  let respellsNumbers = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) keys += 1;
    else if (isOpening(code)) depth = Math.max(depth, (level += 1));
    else if (isClosing(code)) level -= 1;
    else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      if (!isShortInteger(text, at, end)) {
        const digits = text.slice(at, end);
        if (String(Number(digits)) !== digits) roundsNumbers = true;
        if (/^-[0.]*$|e/i.test(digits)) respellsNumbers = true;
      }
      at = end - 1;
    }
  }
  return { depth, keys, roundsNumbers, respellsNumbers };
}

/** The place of the quote that ends the string which begins at `start`; the last place when none does. */
export function endOfString(text: string, start: number): number {
  for (let from = start + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return text.length - 1;
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote;
    from = quote + 1;
  }
}

/** The place after the value that begins at `start`; it is not looked at whether the value is sound. */
export function endOfValue(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return endOfString(text, start) + 1;
  let level = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (isOpening(code)) level += 1;
    else if (isClosing(code)) {
      level -= 1;
      if (level === 0) return at + 1;
      if (level < 0) return at;
    } else if (level === 0 && (code === COMMA || isSpace(code))) return at;
  }
  return text.length;
}

/** `text` with `null` in place of whatever lies deeper than `levels`: what is left can be parsed. */
export function cutDeeper(text: string, levels: number): string {
  const parts: string[] = [];
  let level = 0;
  let keptTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (isClosing(code)) level -= 1;
    else if (isOpening(code)) {
      level += 1;
      if (level <= levels) continue;
      parts.push(text.slice(keptTo, at), 'null');
      keptTo = endOfValue(text, at);
      at = keptTo - 1;
      level -= 1;
    }
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(keptTo);
}

/** The place of what comes at or after `start` and is no white space. */
export function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

const MOST_SAFE_DIGITS = 15;

/** The usual case, told without making a text of it. */
function isShortInteger(text: string, start: number, end: number): boolean {
  if (end - start > MOST_SAFE_DIGITS) return false;
  for (let at = start; at < end; at += 1) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const goesOn = isDigit(code) || code === DOT || code === MINUS || code === 43 || isE(code);
    if (!goesOn) break;
  }
  return at;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isE = (code: number): boolean => code === 69 || code === 101;
/** `{` or `[`. */
const isOpening = (code: number): boolean => code === 123 || code === 91;
/** `}` or `]`. */
const isClosing = (code: number): boolean => code === 125 || code === 93;
const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;
