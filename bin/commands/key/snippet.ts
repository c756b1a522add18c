import * as z from 'zod';
import type { DefineCommand } from '../../cli/command.ts';
import { defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { readSecret } from '../../cli/secret.ts';
import { readEmbedScript } from '../../client/embed.ts';
import { formHtml, KEY_PLACEHOLDER } from '../../client/form-html.ts';
import { write } from '../../io.ts';

const input = z.object({
  keyStdin: z.boolean().default(false),
  keyFile: z.string().optional(),
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  redirect: z.url({ protocol: /^https?$/ }).optional(),
});

/** `leadctl key snippet`: the HTML of a form that makes leads, with script and without. */
export const defineKeySnippet: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'snippet', {
    summary: 'Print the HTML of a website form that sends leads with an API key',
    options: [
      { flags: '--key-stdin', help: 'read the key from standard input' },
      { flags: '--key-file <file>', help: 'read the key from a file' },
      { flags: '--public-url <url>', help: 'where browsers reach the gateway (its URL here)' },
      {
        flags: '--redirect <url>',
        help: 'where the visitor goes afterwards; an origin of the key’s',
      },
    ],
    input,
    examples: [
      'leadctl key snippet --key-file key.txt --public-url https://leads.example > form.html',
      'leadctl key create website --client acme --origin https://acme.example -o name | leadctl key snippet --key-stdin',
    ],
    run: printSnippet,
  });
};

async function printSnippet(ctx: CommandContext, asked: z.output<typeof input>): Promise<void> {
  const { keyStdin: stdin, keyFile: file } = asked;
  const { url } = await ctx.settings();
  const publicUrl = (asked.publicUrl ?? url).replace(/\/+$/, '');
  const isGiven = stdin || file !== undefined;
  const key = isGiven ? await readSecret(ctx.io, { stdin, file }, 'key') : KEY_PLACEHOLDER;
  const script = await readEmbedScript(url, publicUrl, ctx.interruption());
  const html = formHtml({ key, publicUrl, redirect: asked.redirect, script });
  if (ctx.flags.output === 'table') {
    await write(ctx.io.stdout, html);
    const missing = isGiven ? '' : `Put the key in place of ${KEY_PLACEHOLDER}. `;
    await ctx.note(`${missing}The website’s origin must be one of the key’s (key create --origin)`);
    return;
  }
  const item = { html, ...script };
  await ctx.render({
    item,
    columns: [
      { header: 'SRC', value: (row) => row.src },
      { header: 'INTEGRITY', value: (row) => row.integrity },
    ],
    name: (row) => row.src,
  });
}
