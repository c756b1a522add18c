import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { PageText } from '../contract/route.ts';
import { statusOf, type Failure } from '../core/errors.ts';
import type { Context } from './request.ts';

const FORM_TYPE = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/** A browser that posts a plain form says that it wants to see HTML; a script's `fetch` does not. */
export function wantsPage(headers: IncomingHttpHeaders): boolean {
  return (
    FORM_TYPE.test(headers['content-type'] ?? '') && (headers.accept ?? '').includes('text/html')
  );
}

export function sendPage(ctx: Context, status: number, page: PageText): void {
  write(ctx, status, { title: page.title, body: paragraph(page.text) });
}

/** The same as the problem document tells, for whoever filled in the form. */
export function sendFailurePage(ctx: Context, failure: Failure): void {
  const status = statusOf(failure);
  const fields = (failure.extra.errors ?? []).map(
    ({ path, message }) =>
      `<li>${escapeHtml(path.replace(/^body\./, ''))}: ${escapeHtml(message)}</li>`,
  );
  write(ctx, status, {
    title: 'Your message was not sent',
    body: [
      paragraph(failure.detail),
      fields.length === 0 ? '' : `<ul>${fields.join('')}</ul>`,
      paragraph(whatNext(status, failure)),
      `<p><small>Reference: ${escapeHtml(ctx.state.requestId)}</small></p>`,
    ].join(''),
  });
}

function whatNext(status: number, { extra }: Failure): string {
  if (status === 429 || status >= 500) {
    const wait =
      extra.retryAfterSeconds === undefined ? 'a moment' : `${extra.retryAfterSeconds} seconds`;
    return `Please wait ${wait}, go back with your browser, and send the form again. What you typed should still be there.`;
  }
  if (status === 401 || status === 403 || status === 415) {
    return 'This is not something you can mend: please tell whoever runs this website.';
  }
  return 'Please go back with your browser, mend this, and send the form again. What you typed should still be there.';
}

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;font:1rem/1.5 system-ui,sans-serif}' +
  'main{box-sizing:border-box;max-width:40rem;margin:0 auto;padding:2rem 1rem;overflow-wrap:anywhere}' +
  'h1{font-size:1.5rem;line-height:1.25}';

/** Nothing but this style is ever loaded or run. It may stand in a frame, as forms do. */
function policy(): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

function write(ctx: Context, status: number, { title, body }: { title: string; body: string }) {
  ctx.status = status;
  ctx.body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>
`;
  ctx.set({
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy(),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
}

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
