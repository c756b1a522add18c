import type { Wanted } from '../thing.ts';
import type { Path, Place, Problem } from './document.ts';

/** A thing of a manifest that knows where it stands. */
export interface Placed extends Wanted {
  readonly place: Place;
  /** About a part of it; of the whole when the path is empty. */
  problem(path: Path, message: string): Problem;
}

/** All that was read, from however many files. */
export interface Manifest {
  readonly set: string | undefined;
  readonly things: readonly Placed[];
}
