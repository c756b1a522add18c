import type { Candidate, CommandNode, Values } from './tree.ts';

/**
 * The tree as the tables that each shell's `case` is written from. A place is the words of the command, a
 * colon and what follows: `context use:0` is its first argument, `context use:--output` an option's value.
 */
export interface CaseTables {
  /** Places of options that take a value, so that the next word is not an operand. */
  readonly valued: readonly string[];
  /** Places where a word goes one command deeper. */
  readonly deeper: readonly string[];
  /** By command: what can follow as a word, and which options there are. */
  readonly children: ReadonlyMap<string, readonly Candidate[]>;
  readonly options: ReadonlyMap<string, readonly Candidate[]>;
  readonly values: ReadonlyMap<string, Values>;
}

export function caseTables(tree: readonly CommandNode[]): CaseTables {
  const valued: string[] = [];
  const deeper: string[] = [];
  const children = new Map<string, readonly Candidate[]>();
  const options = new Map<string, readonly Candidate[]>();
  const values = new Map<string, Values>();
  for (const node of tree) {
    const path = node.path.join(' ');
    if (node.children.length > 0) children.set(path, node.children);
    deeper.push(...node.children.map(({ word }) => `${path}:${word}`));
    options.set(
      path,
      node.options.flatMap(({ names, help }) => names.map((word) => ({ word, help }))),
    );
    for (const option of node.options) {
      if (option.values === undefined) continue;
      for (const name of option.names) {
        valued.push(`${path}:${name}`);
        if (offers(option.values)) values.set(`${path}:${name}`, option.values);
      }
    }
    for (const [at, argument] of node.args.entries()) {
      if (offers(argument)) values.set(`${path}:${at}`, argument);
    }
  }
  return { valued, deeper, children, options, values };
}

function offers({ words, live, files }: Values): boolean {
  return words.length > 0 || live !== undefined || files;
}

/** Options that say whom to ask for values: what was typed for them goes along with the question. */
export const ASKED_OF = ['--client', '--url', '--context'] as const;

/** A word that the shell takes as it stands: bash, zsh and fish agree on single quotes without `'` and `\`. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '')}'`;
}
