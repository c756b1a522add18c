import type { Reach } from '../contract/route.ts';

/** A grant as people write it: `GET /api/clients/{client_id}/leads` or `* /api/clients/{client_id}/leads/**`. */
export interface GrantPattern {
  readonly text: string;
  matches(permission: {
    readonly method: string;
    readonly path: string;
    readonly reach: Reach;
  }): boolean;
}

/** What the text of a grant looks like. */
export const GRANT_SHAPE = /^(\*|GET|POST|PUT|PATCH|DELETE) (\/[^\s]*)$/;

/**
 * `*` as method means every method; in the path `*` stands for one segment and a last `/**` for any
 * number of them, none included. What is below one client stays in it: a `**` there matches nothing
 * that reaches the whole platform. Undefined when the text is not a grant.
 */
export function parseGrantPattern(text: string): GrantPattern | undefined {
  const [, method, path] = GRANT_SHAPE.exec(text) ?? [];
  if (method === undefined || path === undefined) return undefined;
  const wanted = path.split('/');
  const staysInClient = wanted.includes('{client_id}') && wanted.at(-1) === '**';
  return {
    text,
    matches: (permission) =>
      (method === '*' || method === permission.method) &&
      !(staysInClient && permission.reach === 'platform') &&
      matchSegments(wanted, permission.path.split('/')),
  };
}

function matchSegments(wanted: readonly string[], given: readonly string[]): boolean {
  for (const [index, segment] of wanted.entries()) {
    if (segment === '**' && index === wanted.length - 1) return true;
    const actual = given[index];
    if (actual === undefined || (segment !== '*' && segment !== actual)) return false;
  }
  return wanted.length === given.length;
}
