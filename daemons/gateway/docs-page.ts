import type { Middleware } from '../../lib/http/request.ts';

/** `/docs`: the API read from `/openapi.json` and tried from the browser, without anything from elsewhere. */
export function docsPage(html: string): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/docs' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next();
      return;
    }
    ctx.state.routePath = '/docs';
    ctx.set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
      'X-Content-Type-Options': 'nosniff',
    });
    ctx.body = html;
  };
}
