import { usageError } from '../cli/failure.ts';

/** A filter as it was understood. */
export type Expression =
  | { readonly kind: 'identity' }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'field'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: number }
  | { readonly kind: 'each'; readonly of: Expression }
  | { readonly kind: 'pipe' | 'comma'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare';
      readonly sign: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'list'; readonly items: Expression | undefined }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly argument: Expression | undefined };

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<number>-?\d+(?:\.\d+)?)|(?<field>\.[A-Za-z_]\w*)|(?<sign>==|!=|<=|>=|[<>|,:()[\]{}.])|(?<word>[A-Za-z_]\w*))/uy;
const MOST_TOKENS = 1_000;
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const LITERALS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

interface Token {
  readonly kind: 'text' | 'number' | 'field' | 'sign' | 'word';
  readonly text: string;
}

/** Throws a usage error that says where it stops making sense. */
export function parseJq(filter: string): Expression {
  const tokens = tokensOf(filter);
  let at = 0;
  const parsed = pipe();
  if (at < tokens.length) throw unclear(tokens[at]);
  return parsed;

  function pipe(): Expression {
    const left = comma();
    return take('|') ? { kind: 'pipe', left, right: pipe() } : left;
  }
  function comma(): Expression {
    const left = either();
    return take(',') ? { kind: 'comma', left, right: comma() } : left;
  }
  function either(): Expression {
    const left = both();
    return takeWord('or') ? { kind: 'compare', sign: 'or', left, right: either() } : left;
  }
  function both(): Expression {
    const left = comparison();
    return takeWord('and') ? { kind: 'compare', sign: 'and', left, right: both() } : left;
  }
  function comparison(): Expression {
    const left = postfix();
    const sign = tokens[at];
    if (sign?.kind !== 'sign' || !COMPARISONS.has(sign.text)) return left;
    at += 1;
    return { kind: 'compare', sign: sign.text, left, right: postfix() };
  }
  function postfix(): Expression {
    let found = term();
    for (;;) {
      const token = tokens[at];
      if (token?.kind === 'field') {
        at += 1;
        found = { kind: 'field', of: found, name: token.text.slice(1) };
      } else if (token?.text === '[') found = bracket(found);
      else if (token?.text === '.' && tokens[at + 1]?.text === '[') at += 1;
      else return found;
    }
  }
  function bracket(of: Expression): Expression {
    at += 1;
    if (take(']')) return { kind: 'each', of };
    const inside = tokens[at];
    at += 1;
    expect(']');
    if (inside?.kind === 'number') return { kind: 'index', of, at: Number(inside.text) };
    if (inside?.kind === 'text') return { kind: 'field', of, name: textOf(inside) };
    throw unclear(inside);
  }
  function term(): Expression {
    const token = tokens[at];
    at += 1;
    switch (token?.kind) {
      case 'field':
        return { kind: 'field', of: { kind: 'identity' }, name: token.text.slice(1) };
      case 'text':
        return { kind: 'literal', value: textOf(token) };
      case 'number':
        return { kind: 'literal', value: Number(token.text) };
      case 'word':
        return word(token.text);
      case 'sign':
        return opened(token);
      case undefined:
        throw unclear(token);
    }
  }
  function word(name: string): Expression {
    if (LITERALS.has(name)) return { kind: 'literal', value: LITERALS.get(name) };
    if (!take('(')) return { kind: 'call', name, argument: undefined };
    const argument = pipe();
    expect(')');
    return { kind: 'call', name, argument };
  }
  function opened(token: Token): Expression {
    if (token.text === '.') return { kind: 'identity' };
    if (token.text === '{') return object();
    if (token.text === '[') {
      if (take(']')) return { kind: 'list', items: undefined };
      const items = pipe();
      expect(']');
      return { kind: 'list', items };
    }
    if (token.text !== '(') throw unclear(token);
    const inside = pipe();
    expect(')');
    return inside;
  }
  function object(): Expression {
    const fields: [string, Expression][] = [];
    while (!take('}')) {
      const name = tokens[at];
      at += 1;
      if (name?.kind !== 'word' && name?.kind !== 'text') throw unclear(name);
      const key = name.kind === 'text' ? textOf(name) : name.text;
      const own: Expression = { kind: 'field', of: { kind: 'identity' }, name: key };
      fields.push([key, take(':') ? either() : own]);
      if (!take(',') && tokens[at]?.text !== '}') throw unclear(tokens[at]);
    }
    return { kind: 'object', fields };
  }
  function take(sign: string): boolean {
    const token = tokens[at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    at += 1;
    return true;
  }
  function takeWord(name: string): boolean {
    const token = tokens[at];
    if (token?.kind !== 'word' || token.text !== name) return false;
    at += 1;
    return true;
  }
  function expect(sign: string): void {
    if (!take(sign)) throw unclear(tokens[at]);
  }
  function unclear(token: Token | undefined) {
    const what = token === undefined ? 'its end' : `'${token.text}'`;
    return usageError(
      `--jq: '${filter}' is not understood at ${what}`,
      'it takes paths, .[], |, select(), map(), length, keys, {} and []; for more use -o json and jq itself',
    );
  }
}

function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (filter.slice(pattern.lastIndex).trim() !== '') {
    const from = pattern.lastIndex;
    const groups = pattern.exec(filter)?.groups ?? {};
    const kinds = ['text', 'number', 'field', 'sign', 'word'] as const;
    const kind = kinds.find((name) => groups[name] !== undefined);
    if (kind === undefined || tokens.length >= MOST_TOKENS) {
      throw usageError(`--jq: '${filter}' is not understood at '${filter.slice(from)}'`);
    }
    tokens.push({ kind, text: groups[kind] ?? '' });
  }
  return tokens;
}

function textOf({ text }: Token): string {
  return String(JSON.parse(text));
}
