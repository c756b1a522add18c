import type { Middleware } from '../../lib/http/request.ts';
import { htmlPage } from './html-page.ts';

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leadctl</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0; }
</style>
</head>
<body>
<h1>leadctl</h1>
<p>This is the gateway of a lead platform.</p>
<dl>
<dt><a href="/account/">Your account</a></dt>
<dd>Choose a password, or a new one.</dd>
<dt><a href="/docs">API reference</a></dt>
<dd>Every operation, to read and to try; <a href="/openapi.json">as OpenAPI</a>.</dd>
<dt>Command line</dt>
<dd><code>leadctl login</code>, then <code>leadctl</code> alone for the console.</dd>
</dl>
</body>
</html>
`;

const PLACES = { docs: '/docs', openapi: '/openapi.json', account: '/account/', ready: '/ready' };

/** `GET /`: where to go from here; a page for people, JSON for programs. */
export function homePage(): Middleware {
  const page = htmlPage(['/'], HTML);
  return async (ctx, next) => {
    if (ctx.path !== '/' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return await next();
    ctx.vary('Accept');
    // A program that takes anything is no person.
    if (/\btext\/html\b/.test(ctx.get('Accept'))) return await page(ctx, next);
    ctx.state.routePath = '/';
    ctx.body = { name: 'leadctl', links: PLACES };
    return undefined;
  };
}
