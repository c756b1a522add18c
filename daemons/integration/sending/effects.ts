import type { RunStatement } from '../../../lib/db/statement.ts';
import { createLaneStore } from './lanes.ts';
import type { LaneEffect } from './settle.ts';
import { holdLane } from './transitions/hold-lane.ts';

/** What an effect is applied to. */
export interface EffectTarget {
  readonly laneKey: string;
  readonly phone: string | null;
  /** Of the settings that the attempt was made with; null where it is no verdict on any. */
  readonly version: number | null;
}

/**
 * Does to the lane what an attempt's outcome means for it. `held`: it was not before, or for something
 * else; `stale`: the failure belongs to settings that are gone, and is no verdict on those of now.
 */
export async function applyEffect(
  run: RunStatement,
  { laneKey, phone, version }: EffectTarget,
  effect: LaneEffect,
): Promise<'applied' | 'held' | 'stale'> {
  const lanes = createLaneStore(run);
  switch (effect.kind) {
    case 'pause':
      await lanes.pause(laneKey, effect.forMs);
      return 'applied';
    case 'postpone_recipient':
      if (phone !== null) await lanes.postponeRecipient(laneKey, phone, effect.forMs);
      return 'applied';
    case 'hold': {
      const outcome = await holdLane(run, laneKey, effect.hold, version);
      return outcome === 'known' ? 'applied' : outcome;
    }
    case 'hold_item':
      return 'applied';
  }
}
