import * as z from 'zod';
import { type DefineCommand, defineAction } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { CliError, usageError } from '../cli/failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { write } from '../io.ts';
import { interestInClients, readPlatform } from '../manifest/engine/read.ts';
import { exportManifest } from '../manifest/file/export.ts';
import { manifestYaml } from '../manifest/file/write-yaml.ts';
import { openRun } from './shared/manifest-run.ts';

const input = z.object({ clients: z.array(z.string()).default([]), set: z.string().optional() });

/** `leadctl export`. */
export const defineExport: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Write a manifest of what is there; applying it would change nothing',
    args: [
      {
        name: '[clients...]',
        help: 'only these, or that of --client; all without',
        complete: 'clients',
      },
    ],
    options: [
      { flags: '--set <name>', help: 'name the set that the manifest is to be applied as' },
    ],
    input,
    examples: [
      'leadctl export > platform.yaml',
      'leadctl export acme bolt --set prod > clients.yaml',
      'leadctl export | leadctl diff -f -',
    ],
    run: async (ctx, { clients, set }) => {
      const { output } = ctx.flags;
      if (output === 'csv' || output === 'name') {
        throw usageError(
          `A manifest cannot be written as ${output}`,
          'leadctl export -o yaml, or -o json',
        );
      }
      const only = wantedClients(ctx, clients);
      const { api, progress } = await openRun(ctx);
      const state = await readPlatform(api, interestInClients(only), (done, total) =>
        progress.update(`Reading clients ${done}/${total} …`),
      ).finally(() => progress.clear());
      const found = state.things.filter(({ kind }) => kind === 'client');
      refuseUnknown(only, new Set(found.map(({ identity }) => identity)));
      const exported = exportManifest(state, { set, clients: only });
      if (output === 'json') {
        await ctx.render({ item: exported.manifest, columns: [], name: () => '' });
      } else await write(ctx.io.stdout, manifestYaml(exported));
    },
  });
};

function wantedClients(
  ctx: CommandContext,
  named: readonly string[],
): ReadonlySet<string> | undefined {
  const all = [...named, ...(ctx.flags.client === undefined ? [] : ctx.flags.client.split(','))];
  return all.length === 0 ? undefined : new Set(all);
}

function refuseUnknown(only: ReadonlySet<string> | undefined, found: ReadonlySet<string>): void {
  const missing = [...(only ?? [])].filter((id) => !found.has(id));
  if (missing.length === 0) return;
  throw new CliError(`There is no client ${missing.join(', ')}`, {
    exitCode: exitCodes.notFound,
    code: 'not_found',
    next: 'leadctl client ls',
  });
}
