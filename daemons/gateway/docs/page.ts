import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { sendFailure } from '../../../lib/http/problems.ts';
import type { Middleware } from '../../../lib/http/request.ts';
import type { RefuseStranger } from '../operators.ts';
import { PAGE_CSS, PAGE_HTML, START_JS } from './start.ts';

/** Only files of this gateway run and style the page, and it talks to nobody else: it takes tokens. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The viewer's own arrows and locks are images within its style sheet.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const JS = 'text/javascript; charset=utf-8';

interface Asset {
  readonly type: string;
  readonly read: () => Promise<string>;
}

/** The description of the API as a page: to search, to read, to try. The viewer comes from its package. */
export function docsPage(refuseStranger: RefuseStranger): Middleware {
  const assets = new Map<string, Asset>([
    ['/docs', { type: HTML, read: async () => PAGE_HTML }],
    ['/docs/', { type: HTML, read: async () => PAGE_HTML }],
    ['/docs/page.css', { type: CSS, read: async () => PAGE_CSS }],
    ['/docs/start.js', { type: JS, read: async () => START_JS }],
    ['/docs/viewer.css', fromPackage('swagger-ui.css', CSS)],
    ['/docs/viewer.js', fromPackage('swagger-ui-bundle.js', JS)],
  ]);
  return async (ctx, next) => {
    const asset = assets.get(ctx.path);
    if (asset === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next();
      return;
    }
    ctx.state.routePath = '/docs';
    // The rest is the same for everybody, and says nothing of this platform.
    const refusal = asset.type === HTML ? await refuseStranger(ctx) : undefined;
    if (refusal !== undefined) {
      sendFailure(ctx, refusal);
      return;
    }
    ctx.set({
      'Content-Type': asset.type,
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': asset.type === HTML ? 'no-store' : 'public, max-age=3600',
    });
    ctx.body = await asset.read();
  };
}

/** Read when somebody first asks for it, then kept. */
function fromPackage(file: string, type: string): Asset {
  let text: Promise<string> | undefined;
  const load = (): Promise<string> =>
    readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${file}`), 'utf8').then(
      // Its source map is not served.
      (code) => code.replace(/\n?(\/\/|\/\*)# sourceMappingURL=.*$/, '\n'),
    );
  return { type, read: () => (text ??= load()) };
}
