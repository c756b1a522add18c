import type { Middleware } from './request.ts';

/**
 * What every answer says unless a route says otherwise: that its type is what it claims to be, and
 * that nobody on the way keeps it, since most answers are one person's view of people's data.
 */
export const answerHeaders: Middleware = (ctx, next) => {
  ctx.res.setHeader('X-Content-Type-Options', 'nosniff');
  ctx.res.setHeader('Cache-Control', 'no-store');
  return next();
};
