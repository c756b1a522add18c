import { createHash } from 'node:crypto';
import type { Context, Middleware } from '../../lib/http/request.ts';

/** A page of one string at these paths, in which nothing runs but its own script, and nothing comes from elsewhere. */
export function htmlPage(paths: readonly [string, ...string[]], html: string): Middleware {
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(html, 'style')}`,
    `script-src ${hashOf(html, 'script')}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const show = async (ctx: Context): Promise<void> => {
    ctx.state.routePath = paths[0];
    ctx.set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    ctx.body = html;
  };
  return (ctx, next) =>
    (ctx.method === 'GET' || ctx.method === 'HEAD') && paths.includes(ctx.path)
      ? show(ctx)
      : next();
}

/** Only the page's own text runs in it; the page takes tokens, so nothing else may. */
function hashOf(html: string, tag: 'style' | 'script'): string {
  const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? '';
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
