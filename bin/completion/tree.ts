import type { Argument, Command, Option } from 'commander';
import type { Cli } from '../cli/command.ts';

/** A word that can stand at a place, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly help: string;
}

/** What can follow: fixed words, values to look up, or any file. */
export interface Values {
  readonly words: readonly string[];
  readonly live: string | undefined;
  readonly files: boolean;
}

export interface OptionNode {
  readonly names: readonly string[];
  readonly help: string;
  /** Absent for a switch. */
  readonly values: Values | undefined;
}

/** A command as the shells need it. */
export interface CommandNode {
  /** Words after `leadctl`, e.g. `['key', 'revoke']`. */
  readonly path: readonly string[];
  readonly children: readonly Candidate[];
  readonly options: readonly OptionNode[];
  readonly args: readonly Values[];
}

/** Every visible command of the program, the root first. All nouns must be loaded. */
export function completionTree(root: Command, live: Cli['live']): CommandNode[] {
  const globals = root.options.filter((option) => !option.hidden);
  const visit = (command: Command, path: readonly string[]): CommandNode[] => {
    const help = command.createHelp();
    const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
    const own = command === root ? [] : command.options.filter((option) => !option.hidden);
    const node: CommandNode = {
      path,
      children: children.map((child) => ({ word: child.name(), help: child.description() })),
      options: [...own, ...globals].map((option) => optionNode(option, live)),
      args: command.registeredArguments.map((argument) =>
        valuesOf(argument, argument.name(), live),
      ),
    };
    return [node, ...children.flatMap((child) => visit(child, [...path, child.name()]))];
  };
  return visit(root, []);
}

function optionNode(option: Option, live: Cli['live']): OptionNode {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const takesValue = option.required || option.optional;
  return {
    names,
    help: option.description,
    values: takesValue ? valuesOf(option, option.flags, live) : undefined,
  };
}

function valuesOf(of: Argument | Option, label: string, live: Cli['live']): Values {
  return {
    words: of.argChoices ?? [],
    live: live.get(of),
    files: live.get(of) === undefined && /file|path|dir\b/i.test(label),
  };
}
