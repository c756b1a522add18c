import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import { connect } from '../client/gateway.ts';
import { readReadiness, type ServiceCheck } from '../client/readiness.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Column } from '../ui/columns.ts';

const columns: readonly Column<ServiceCheck>[] = [
  { header: 'CHECK', value: (row) => row.name, keep: true },
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'DETAIL', value: (row) => row.detail, wrap: true },
];

/** `leadctl status`: needs no login; exit 1 when something is not ready. */
export const defineStatus: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Show which services are up; exit 1 when the gateway is not ready',
    input: z.object({}),
    reads: true,
    examples: ['leadctl status', 'leadctl status -o json', 'leadctl status -o name'],
    run: async (ctx) => {
      const gateway = await connect(ctx);
      const status = await readReadiness(gateway, ctx.interruption());
      const { url } = status;
      await ctx.render({ rows: status.checks, columns, name: (row) => row.name });
      if (status.ready) {
        await ctx.note(`${url} is ready`);
        return exitCodes.ok;
      }
      const failed = status.checks.filter((check) => check.status !== 'ok').map(({ name }) => name);
      const what =
        failed.length === 0 ? 'log in as an administrator to see why' : failed.join(', ');
      await ctx.note(`${url} is not ready: ${what}`);
      return exitCodes.failed;
    },
  });
};
