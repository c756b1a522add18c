import type { RunStatement } from '../../../lib/db/statement.ts';

/** What becomes of a worker: statements are counted from 1. */
export type Fate =
  | { readonly kind: 'lives' }
  /** Gone at this statement; `isDone`: the database did it, and nobody was told. */
  | { readonly kind: 'dies'; readonly at: number; readonly isDone: boolean }
  /** Stands still before this statement, until woken. */
  | { readonly kind: 'sleeps'; readonly at: number };

export interface Mortal {
  readonly run: RunStatement;
  /** Resolves when it has died or fallen asleep. */
  readonly gone: Promise<void>;
  wake(): void;
}

/** A worker's statements, with its fate among them; whoever has died says and hears nothing any more. */
export function createMortal(onDatabase: RunStatement, fate: Fate): Mortal {
  let count = 0;
  let isDead = false;
  const gone = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  const die = (): never => {
    isDead = true;
    gone.resolve();
    throw new Error('the worker died');
  };
  return {
    gone: gone.promise,
    wake: () => woken.resolve(),
    async run(statement, values) {
      if (isDead) return die();
      count += 1;
      const isIts = fate.kind !== 'lives' && fate.at === count;
      if (isIts && fate.kind === 'sleeps') {
        gone.resolve();
        await woken.promise;
      }
      if (isIts && fate.kind === 'dies' && !fate.isDone) return die();
      const rows = await onDatabase(statement, values);
      if (isIts && fate.kind === 'dies') return die();
      return rows;
    },
  };
}
