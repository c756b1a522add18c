/** A route's template that a path fits, with what stands in its places. */
export interface PathMatch<T> {
  readonly route: T;
  /** By place, e.g. `client_id`; empty when the path was the template itself. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * The route that `path` means: the template itself, or a concrete path such as
 * `/api/clients/acme/leads`. Where several fit, the one with a fixed segment first wins, as in a
 * router: `…/leads/stream` is not a lead called "stream".
 */
export function matchPath<T extends { readonly path: string }>(
  routes: readonly T[],
  path: string,
): PathMatch<T> | undefined {
  const [bare = ''] = path.split('?', 1);
  const itself = routes.find((route) => route.path === bare);
  if (itself) return { route: itself, params: new Map() };
  const given = bare.split('/').map(decodeSegment);
  let best: PathMatch<T> | undefined;
  for (const route of routes) {
    const params = fit(route.path.split('/'), given);
    if (params && (!best || isMoreFixed(route.path, best.route.path))) best = { route, params };
  }
  return best;
}

const PLACE = /^\{(\w+)\}$/;

function fit(
  template: readonly string[],
  given: readonly string[],
): ReadonlyMap<string, string> | undefined {
  if (template.length !== given.length) return undefined;
  const params = new Map<string, string>();
  for (const [index, segment] of template.entries()) {
    const actual = given[index] ?? '';
    const place = PLACE.exec(segment)?.[1];
    if (place === undefined ? segment !== actual : actual === '') return undefined;
    if (place !== undefined) params.set(place, actual);
  }
  return params;
}

/** Compares by the first segment in which only one of the two is a place. */
function isMoreFixed(template: string, other: string): boolean {
  const others = other.split('/');
  for (const [index, segment] of template.split('/').entries()) {
    const [isPlace, isOthersPlace] = [PLACE.test(segment), PLACE.test(others[index] ?? '')];
    if (isPlace !== isOthersPlace) return isOthersPlace;
  }
  return false;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
