import { parseGrantPattern } from '../../../lib/access/grant-pattern.ts';
import { showPermission, type Permission } from './permission.ts';

/**
 * The fewest patterns that mean exactly these permissions today, e.g. `* /api/clients/{client_id}/leads/**`
 * for all of its routes. A permission that nothing shorter covers stands for itself.
 *
 * @param held as `METHOD /path`
 * @param all every permission there is; a pattern that also matches one that is not held is no use
 */
export function coveringPatterns(held: ReadonlySet<string>, all: readonly Permission[]): string[] {
  const candidates = candidatesFor(held).flatMap((text) => {
    const matched = namesMatched(text, all);
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

/** The permissions that a pattern means. */
export function namesMatched(text: string, all: readonly Permission[]): string[] {
  const pattern = parseGrantPattern(text);
  return all.filter((one) => pattern?.matches(one)).map(showPermission);
}

/** The narrowest first: of patterns that cover the same the narrowest says best what was meant. */
function candidatesFor(held: ReadonlySet<string>): string[] {
  const wide = [...held].flatMap((permission) => {
    const [method = '', path = ''] = permission.split(' ');
    const segments = path.split('/');
    // Not above `/api/something`: nobody means all there is by naming some of it.
    const lengths = segments.map((_, at) => at + 1).filter((length) => length >= 3);
    const below = lengths.map((length) => `${segments.slice(0, length).join('/')}/**`);
    return [`* ${path}`, ...below.flatMap((one) => [`${method} ${one}`, `* ${one}`])];
  });
  const depth = (text: string): number => text.split('/').length;
  const narrowFirst = [...new Set(wide)].toSorted(
    (a, b) => depth(b) - depth(a) || Number(a.startsWith('*')) - Number(b.startsWith('*')),
  );
  return [...held, ...narrowFirst];
}

/** Grants of one path together. */
function byPath(a: string, b: string): number {
  const [left = '', right = ''] = [a, b].map((grant) => grant.split(' ').toReversed().join(' '));
  return left < right ? -1 : Number(left > right);
}
