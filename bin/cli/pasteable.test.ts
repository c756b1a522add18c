import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandTree } from '../testing/tree.ts';

const { root } = await commandTree();
const folder = path.join(import.meta.dirname, '..');
const sources = globSync('**/*.{ts,tsx}', { cwd: folder }).filter(
  (file) => !/\.test\.tsx?$|(^|\/)testing\//.test(file),
);

/** Every `leadctl …` in a text of the code, with a word in the place of what is filled in. */
function commandsIn(file: string): string[] {
  const code = readFileSync(path.join(folder, file), 'utf8').replaceAll(
    /^\s*(\/\/|\*|\/\*\*).*$/gm,
    '',
  );
  return [...code.matchAll(/leadctl ([a-z][^\n'"`;,|]*)/g)].map(([, words = '']) =>
    words.replaceAll(/\$\{[^}]*\}/g, 'X').trim(),
  );
}

/** Which option of these words the command does not have, or which verb its noun has not. */
function wrongIn(line: string): string | undefined {
  let at: Command = root;
  for (const word of line.split(/\s+/)) {
    const child = at.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (child !== undefined) at = child;
    else if (at.commands.length > 0 && /^[a-z][a-z-]*$/.test(word)) {
      return at === root ? word : undefined;
    } else if (/^--[a-z]/.test(word)) {
      const known = ['--help', ...[...at.options, ...root.options].map(({ long }) => long)].some(
        (long) => long === word.replace(/[=.:].*/, ''),
      );
      if (!known) return word;
    }
  }
  return undefined;
}

/** Sentences about leadctl, no command lines. */
const PROSE = /^(is|package|manifest|of|wrote|runs|holds|leadctl|gateway|does|loginX)\b/;

test.each(
  sources.map((file) => [file, commandsIn(file)] as const).filter(([, all]) => all.length > 0),
)('every command that %s names can be typed', (_file, lines) => {
  const wrong = lines
    .filter((line) => !PROSE.test(line))
    .map((line) => [line, wrongIn(line)])
    .filter(([, reason]) => reason !== undefined);
  expect(wrong).toEqual([]);
});
