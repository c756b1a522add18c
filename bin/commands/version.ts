import process from 'node:process';
import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { askReady } from '../client/readiness.ts';
import { connect } from '../client/gateway.ts';
import type { Column } from '../ui/columns.ts';

interface Versions {
  readonly leadctl: string;
  readonly node: string;
  readonly gateway: string | null;
  readonly url: string;
}

const columns: readonly Column<Versions>[] = [
  { header: 'LEADCTL', value: (row) => row.leadctl },
  { header: 'GATEWAY', value: (row) => row.gateway },
  { header: 'URL', value: (row) => row.url },
  { header: 'NODE', value: (row) => row.node },
];

/** `leadctl version`: also of the gateway, if it answers and tells; exit 0 all the same. */
export const defineVersion: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Show the version of this tool and of the gateway it talks to',
    input: z.object({}),
    reads: true,
    examples: ['leadctl version', 'leadctl version -o json'],
    run: async (ctx) => {
      const { url } = await ctx.settings();
      const gateway = await versionOf(ctx);
      const { node } = process.versions;
      const item = { leadctl: ctx.version, node, gateway: gateway ?? null, url };
      await ctx.render({ item, columns, name: (row) => row.leadctl });
      if (gateway === undefined) {
        await ctx.note(`${url} does not answer, or tells no version to strangers: leadctl login`);
      } else if (gateway !== ctx.version) {
        await ctx.note('They differ: use the platform’s version of leadctl');
      }
    },
  });
};

async function versionOf(ctx: CommandContext): Promise<string | undefined> {
  const interruption = ctx.interruption();
  try {
    const { said } = await askReady(await connect(ctx), interruption);
    return said?.version;
  } catch (error) {
    if (interruption.aborted) throw error;
    return undefined;
  }
}
