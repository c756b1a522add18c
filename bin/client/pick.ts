import * as z from 'zod';
import { CliError } from '../cli/failure.ts';
import { exitCodes } from '../exit-codes.ts';

const uuid = z.uuid().toLowerCase();

/** The id that the text is, if it is one. */
export function asId(text: string): string | undefined {
  return uuid.safeParse(text).data;
}

export interface Named {
  /** What the user typed. */
  readonly text: string;
  /** `key`, `role`: for the message. */
  readonly what: string;
  /** The command that lists what there is. */
  readonly list: string;
}

/** The one item that was meant; a `CliError` when there is none (exit 5) or more than one (exit 6). */
export function pickOne<Item extends { readonly id: string }>(
  found: readonly Item[],
  { text, what, list }: Named,
): Item {
  const [item, ...others] = found;
  if (item === undefined) {
    throw new CliError(`There is no ${what} '${text}'`, {
      exitCode: exitCodes.notFound,
      code: 'not_found',
      next: list,
    });
  }
  if (others.length > 0) {
    throw new CliError(`'${text}' may be any of ${found.length} ${what}s`, {
      exitCode: exitCodes.conflict,
      code: 'ambiguous',
      why: found.map(({ id }) => id).join('\n'),
      next: 'name it by its id',
    });
  }
  return item;
}
