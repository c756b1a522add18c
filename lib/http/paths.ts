import { fail, type Failure } from '../core/errors.ts';

const MOST_SHOWN = 200;

/** A request's path as it may be shown: nothing in it can be taken for markup, and not too much of it. */
export function shownPath(path: string): string {
  const shown = path
    .slice(0, MOST_SHOWN)
    .replaceAll(
      /[^\w\-.~%/:@!$&()*+,;=]/gu,
      (character) =>
        `%${Buffer.from(character).toString('hex').toUpperCase().match(/../g)?.join('%') ?? ''}`,
    );
  return path.length > MOST_SHOWN ? `${shown}…` : shown;
}

export function nothingAt(path: string): Failure {
  return fail('not_found', `There is nothing at ${shownPath(path)}.`);
}
