import { spawn } from 'node:child_process';
import process from 'node:process';
import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { sandboxUrl } from '../client/sandbox.ts';

const PAGES = { docs: '/docs', account: '/account/' } as const;
const WHAT = ['docs', 'account', 'sandbox'] as const;

/** `leadctl open docs`: in a browser where there is one; the address is printed in any case. */
export const defineOpen: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Open a page of the platform in a browser',
    args: [{ name: '[page]', help: 'docs unless told', choices: WHAT }],
    options: [{ flags: '--print', help: 'only print the address' }],
    input: z.object({ page: z.enum(WHAT).default('docs'), print: z.boolean().default(false) }),
    examples: ['leadctl open', 'leadctl open account', 'leadctl open sandbox --print'],
    run: async (ctx, { page, print }) => {
      const { url } = await ctx.settings();
      const address =
        page === 'sandbox' ? await sandboxUrl(ctx, undefined) : `${url}${PAGES[page]}`;
      await ctx.render({
        item: { address },
        columns: [{ header: 'ADDRESS', value: (row) => row.address }],
        name: (row) => row.address,
      });
      if (!print && ctx.io.stdoutIsTty) openInBrowser(address);
    },
  });
};

/** Whoever has no browser here has the address above. */
function openInBrowser(address: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [address], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
