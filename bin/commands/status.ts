import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { readReadiness, type ServiceCheck } from '../client/readiness.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';

const columns: readonly Column<ServiceCheck>[] = [
  { header: 'CHECK', value: (row) => row.name, keep: true },
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'DETAIL', value: (row) => row.detail },
];

/** `leadctl status`: needs no login; exit 1 when something is not ready. */
export const defineStatus: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Show which services are up; exit 1 when the gateway is not ready',
    input: z.object({}),
    examples: ['leadctl status', 'leadctl status -o json', 'leadctl status -o name'],
    run: async (ctx) => {
      const { url } = await ctx.settings();
      const status = await readReadiness(url, ctx.interruption());
      await ctx.render({ rows: status.checks, columns, name: (row) => row.name });
      if (status.ready) {
        await ctx.note(`${url} is ready`);
        return exitCodes.ok;
      }
      const failed = status.checks.filter((check) => check.status !== 'ok').map(({ name }) => name);
      await ctx.note(`${url} is not ready: ${failed.join(', ')}`);
      return exitCodes.failed;
    },
  });
};
