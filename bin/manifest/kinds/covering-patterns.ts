import { parseGrantPattern } from '../../../lib/access/grant-pattern.ts';

/**
 * The fewest patterns that mean exactly these permissions today, e.g. `* /api/clients/{client_id}/leads/**`
 * for all of its routes. A permission that nothing shorter covers stands for itself.
 *
 * @param all every permission there is, as `METHOD /path`; a pattern that matches one not held is no use
 */
export function coveringPatterns(held: ReadonlySet<string>, all: readonly string[]): string[] {
  const candidates = candidatesFor(held).flatMap((text) => {
    const matched = all.filter((one) => matches(text, one));
    return matched.every((one) => held.has(one)) ? [{ text, matched }] : [];
  });
  const open = new Set(held);
  const chosen: string[] = [];
  while (open.size > 0) {
    let best: string | undefined;
    let covered: readonly string[] = [];
    for (const { text, matched } of candidates) {
      const gain = matched.filter((one) => open.has(one));
      if (gain.length > covered.length) [best, covered] = [text, gain];
    }
    // What is held and is no permission any more is written as it is.
    if (best === undefined) return [...chosen, ...open].toSorted(byPath);
    chosen.push(best);
    for (const one of covered) open.delete(one);
  }
  return chosen.toSorted(byPath);
}

/** The narrowest first: of patterns that cover the same the narrowest says best what was meant. */
function candidatesFor(held: ReadonlySet<string>): string[] {
  const exact = [...held];
  const wide = exact.flatMap((permission) => {
    const [method = '', path = ''] = permission.split(' ');
    const segments = path.split('/');
    // Not above `/api/something`: nobody means all there is by naming some of it.
    const prefixes = segments.slice(3).map((_, at) => segments.slice(0, segments.length - at));
    const around = [...prefixes, segments.slice(0, 3)].map((part) => `${part.join('/')}/**`);
    return [`* ${path}`, ...around.flatMap((below) => [`${method} ${below}`, `* ${below}`])];
  });
  const depth = (text: string): number => text.split('/').length;
  const sorted = [...new Set(wide)].toSorted(
    (a, b) => depth(b) - depth(a) || Number(a.startsWith('*')) - Number(b.startsWith('*')),
  );
  return [...exact, ...sorted];
}

function matches(pattern: string, permission: string): boolean {
  const [method = '', path = ''] = permission.split(' ');
  return parseGrantPattern(pattern)?.matches({ method, path }) ?? false;
}

/** Grants of one path together. */
function byPath(a: string, b: string): number {
  const [left = '', right = ''] = [a, b].map((grant) => grant.split(' ').toReversed().join(' '));
  return left < right ? -1 : Number(left > right);
}
