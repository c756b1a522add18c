import * as z from 'zod';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import { connect } from '../../client/gateway.ts';
import { examine } from '../../doctor/examine.ts';
import { type Finding, worstFirst } from '../../doctor/finding.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Column } from '../../ui/columns.ts';
import { noteRemedies } from '../shared/remedy-notes.ts';

const columns: readonly Column<Finding>[] = [
  { header: 'STATUS', value: (row) => row.status, keep: true },
  { header: 'LAYER', value: (row) => row.layer, keep: true },
  { header: 'CHECK', value: (row) => row.check, keep: true },
  { header: 'FOUND', value: (row) => row.message, wrap: true },
  { header: 'REMEDY', value: (row) => row.remedy, wrap: true, wide: true },
];

/** `leadctl doctor`: exit 1 when something is wrong; warnings alone are 0. */
export const defineDoctor: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary:
      'Look at every layer and every client, say what is wrong and what to do; with --client at its integrations too',
    input: z.object({}),
    reads: true,
    examples: ['leadctl doctor', 'leadctl doctor --client acme', 'leadctl doctor -o json'],
    run: async (ctx) => {
      const findings = await examine({
        gateway: await connect(ctx),
        version: ctx.version,
        now: ctx.now,
        signal: ctx.interruption(),
      });
      const rows = worstFirst(findings);
      await ctx.render({ rows, columns, name: ({ layer, check }) => `${layer}/${check}` });
      const count = (status: Finding['status']) =>
        rows.filter((row) => row.status === status).length;
      await ctx.note(
        `${count('failed')} wrong, ${count('warning')} to look at, ${count('skipped')} not looked at, ${count('ok')} well`,
      );
      await noteRemedies(
        ctx,
        rows.map(({ layer, check, ...rest }) => ({ title: `${layer} ${check}`, ...rest })),
      );
      return count('failed') > 0 ? exitCodes.failed : exitCodes.ok;
    },
  });
};
