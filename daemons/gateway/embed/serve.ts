import { createHash } from 'node:crypto';
import type { Middleware } from '../../../lib/http/request.ts';
import { EMBED_FILES } from './files.ts';

/** An hour: long enough for a visit, short enough for a mended text to arrive. */
const KEEP = 'public, max-age=3600';

/** Serves the script that makes a website's form a lead form, to any origin: it is public and the same for all. */
export function embedFiles(): Middleware {
  const files = new Map(
    EMBED_FILES.map((file) => {
      const digest = createHash('sha384').update(file.text).digest('base64');
      return [file.path, { ...file, etag: `"${digest}"` }];
    }),
  );
  return async (ctx, next) => {
    const file = ctx.method === 'GET' || ctx.method === 'HEAD' ? files.get(ctx.path) : undefined;
    if (file === undefined) {
      await next();
      return;
    }
    ctx.state.routePath = file.path;
    ctx.set({
      'Content-Type': file.type,
      'Cache-Control': KEEP,
      ETag: file.etag,
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = file.text;
  };
}
