import type { Kinds } from '../kinds/kind.ts';
import type { Destination } from './model.ts';

export interface LaneName {
  readonly laneKey: string;
  /** The provider's account: a phone number id, a spreadsheet id; `-` while it is not set. */
  readonly account: string;
}

/** The lane in which deliveries of a destination run under these settings. */
export function laneOf(
  kinds: Kinds,
  { id, kind }: Pick<Destination, 'id' | 'kind'>,
  settings: unknown,
): LaneName {
  const account = kinds.get(kind)?.account(settings) ?? '-';
  return { laneKey: `${id}/${account}`, account };
}

/** Where a doubtful delivery that was made under these settings can be looked for. */
export function placeOf(kinds: Kinds, kindName: string, settings: unknown): string {
  const kind = kinds.get(kindName);
  return kind?.place?.(settings) ?? kind?.account(settings) ?? '-';
}
