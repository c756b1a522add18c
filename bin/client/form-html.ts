import type { EmbedScript } from './embed.ts';

/** Where a key that is not known is to be put. */
export const KEY_PLACEHOLDER = 'PUT_THE_KEY_HERE';

/** Works as it stands without script; with it, an unanswered post is kept and sent again. */
export function formHtml(of: {
  readonly key: string;
  readonly publicUrl: string;
  readonly redirect: string | undefined;
  readonly script: EmbedScript;
}): string {
  const { src, integrity } = of.script;
  const redirect =
    of.redirect === undefined
      ? []
      : [`  <input type="hidden" name="_redirect" value="${escape(of.redirect)}">`];
  return [
    `<form method="post" action="${escape(of.publicUrl)}/api/leads/ingest">`,
    `  <input type="hidden" name="_api_key" value="${escape(of.key)}">`,
    ...redirect,
    '  <label>Name <input name="name" autocomplete="name"></label>',
    '  <label>E-mail <input name="email" type="email" autocomplete="email"></label>',
    '  <label>Phone <input name="phone" type="tel" autocomplete="tel"></label>',
    '  <label><input name="consent" type="checkbox" value="true"> You may write to me about this</label>',
    '  <input name="_gotcha" hidden>',
    '  <button>Send</button>',
    '</form>',
    `<script src="${escape(src)}" integrity="${integrity}" crossorigin defer></script>`,
    '',
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
