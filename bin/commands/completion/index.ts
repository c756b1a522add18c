import * as z from 'zod';
import { type DefineCommand, defineAction } from '../../cli/command.ts';
import { bashScript } from '../../completion/bash.ts';
import { fishScript } from '../../completion/fish.ts';
import { type CommandNode, completionTree } from '../../completion/tree.ts';
import { zshScript } from '../../completion/zsh.ts';
import { write } from '../../io.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

const scripts: { readonly [Shell in (typeof shells)[number]]: (tree: CommandNode[]) => string } = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const defineCompletion: DefineCommand = (command, cli) => {
  defineAction(command, cli, {
    summary: 'Print a completion script for your shell',
    args: [{ name: '<shell>', help: 'bash, zsh or fish', choices: shells }],
    input: z.object({ shell: z.enum(shells) }),
    examples: [
      'source <(leadctl completion bash)',
      'leadctl completion zsh > "${fpath[1]}/_leadctl"',
      'leadctl completion fish > ~/.config/fish/completions/leadctl.fish',
    ],
    run: async (ctx, { shell }) => {
      const root = command.parent;
      if (root === null) return;
      await cli.loadAll();
      await write(ctx.io.stdout, scripts[shell](completionTree(root, cli.live)));
    },
  });
};
