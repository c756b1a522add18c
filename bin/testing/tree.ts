import type { Command } from 'commander';
import { pathOf } from '../cli/command.ts';
import { createProgram } from '../cli/program.ts';
import { createConfigStore } from '../config/store.ts';
import { createTestIo } from './test-io.ts';

export interface CommandDoc {
  /** `leadctl key revoke`. */
  readonly path: string;
  readonly command: Command;
  readonly examples: readonly string[];
  /** A command that acts; a noun only gathers its verbs. */
  readonly acts: boolean;
}

/** Every visible command, nouns before their verbs, as `leadctl --help` lists them. */
export async function commandTree(): Promise<{
  readonly root: Command;
  readonly commands: readonly CommandDoc[];
}> {
  const { command: root, cli } = createProgram({
    io: createTestIo(),
    now: () => new Date(),
    version: '0.0.0-test',
    store: createConfigStore('/nonexistent'),
    interruption: () => new AbortController().signal,
  });
  await cli.loadAll();
  const visit = (command: Command): CommandDoc[] => {
    const children = command.createHelp().visibleCommands(command);
    const verbs = children.filter((child) => child.name() !== 'help');
    const doc = {
      path: pathOf(command),
      command,
      examples: cli.examples.get(command) ?? [],
      acts: verbs.length === 0,
    };
    return [...(command === root ? [] : [doc]), ...verbs.flatMap(visit)];
  };
  return { root, commands: visit(root) };
}
