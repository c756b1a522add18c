import type { Middleware } from './request.ts';

/** Middlewares as one: each goes on to the next, and the last to whatever comes after the chain. */
export function chain(middlewares: readonly Middleware[]): Middleware {
  return (ctx, next) => {
    const from = (index: number): Promise<unknown> => {
      const middleware = middlewares[index];
      if (middleware === undefined) return next();
      return Promise.resolve(middleware(ctx, () => from(index + 1)));
    };
    return from(0);
  };
}
