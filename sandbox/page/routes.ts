import { Router } from '@koa/router';
import type { Context, RequestState } from '../../lib/http/request.ts';
import type { SandboxState } from '../state.ts';
import { PAGE } from './html.ts';
import { SCRIPT } from './script.ts';
import { snapshot } from './snapshot.ts';
import { STYLE } from './style.ts';

/** Nothing but what this server sends may load, run or be talked to. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";

/** The live page at `/` and `/_sandbox/`, its two files, and what it shows. */
export function pageRouter(state: SandboxState): Router<RequestState> {
  const router = new Router<RequestState>();
  const serve = (paths: string[], type: string, body: string) =>
    router.get(paths, (ctx) => {
      secure(ctx);
      ctx.set('Content-Type', `${type}; charset=utf-8`);
      ctx.body = body;
    });
  serve(['/', '/_sandbox'], 'text/html', PAGE);
  serve(['/_sandbox/page.js'], 'text/javascript', SCRIPT);
  serve(['/_sandbox/page.css'], 'text/css', STYLE);
  router.get('/_sandbox/snapshot', (ctx) => {
    secure(ctx);
    const tag = `"${state.revision()}"`;
    ctx.set({ ETag: tag, 'Cache-Control': 'no-cache', 'Content-Type': 'application/json' });
    if (ctx.get('if-none-match') === tag) ctx.status = 304;
    else ctx.body = JSON.stringify(snapshot(state));
  });
  return router;
}

function secure(ctx: Pick<Context, 'set' | 'state'>): void {
  ctx.state.routePath = '/_sandbox';
  ctx.set({
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
}
