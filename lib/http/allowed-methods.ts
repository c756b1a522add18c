import type { z } from 'zod';
import { fail } from '../core/errors.ts';
import { shownPath } from './paths.ts';
import { sendFailure } from './problems.ts';
import type { Middleware } from './request.ts';

export interface ServedRoute {
  /** As it is served here, e.g. `/clients/{client_id}/leads`. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly params: z.ZodObject | undefined;
}

/**
 * Stands behind the router and answers what it left: OPTIONS, and methods that a path does not have.
 * `Allow` lists what the resource itself takes; that a sibling's template would fit its path, too,
 * as `/things/{id}` fits `/things/summary`, makes its methods none of the resource's.
 */
export function allowedMethods(routes: readonly ServedRoute[]): Middleware {
  const templates = [...Map.groupBy(routes, ({ path }) => path)]
    .map(([path, served]) => ({ pattern: patternOf(path), served, literals: literalsOf(path) }))
    .toSorted((a, b) => b.literals - a.literals);
  return (ctx) => {
    for (const { pattern, served } of templates) {
      const places = pattern.exec(ctx.path)?.groups;
      if (places === undefined) continue;
      const params = decoded(places);
      if (params === undefined) continue;
      const fitting = served.filter((route) => route.params?.safeParse(params).success ?? true);
      if (fitting.length === 0) continue;
      const methods = fitting.flatMap((route) => route.methods).flatMap(withHead);
      ctx.set('Allow', [...new Set(methods)].join(', '));
      if (ctx.method === 'OPTIONS') {
        ctx.status = 200;
        ctx.body = '';
        return;
      }
      const what = `${ctx.method} is not something ${shownPath(ctx.path)} can do`;
      sendFailure(ctx, fail('method_not_allowed', `${what}; the Allow header lists what it can.`));
      return;
    }
  };
}

const withHead = (method: string): string[] => (method === 'GET' ? ['HEAD', 'GET'] : [method]);

function patternOf(path: string): RegExp {
  const source = path.replaceAll('.', String.raw`\.`).replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  // The empty group makes `groups` there for a path without places, too.
  return new RegExp(`^${source}/?(?<end_>)$`);
}

function literalsOf(path: string): number {
  return path.split('/').filter((segment) => !segment.startsWith('{')).length;
}

function decoded(places: Record<string, string>): Record<string, string> | undefined {
  try {
    const { end_: _end, ...params } = places;
    return Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    return undefined;
  }
}
