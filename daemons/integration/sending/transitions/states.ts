import type { DeliveryStatus } from '../../deliveries/shapes.ts';

/**
 * What a delivery's status is while it is kept. `held` here is a delivery held by itself, for somebody to
 * look at. One whose *lane* is held keeps the status that it waits with, and is shown as held as long as its
 * lane is (`shown_status` in the database): so releasing a lane can forget none of them.
 */
interface Move {
  /** Who makes it. */
  readonly by: 'fan-out' | 'worker' | 'sweep' | 'provider' | 'person';
  readonly from: readonly DeliveryStatus[];
  readonly to: readonly DeliveryStatus[];
}

/** Every way in which a status changes: one statement each, in the file of its name beside this one. */
export const MOVES = {
  owe: { by: 'fan-out', from: [], to: ['pending'] },
  claim: { by: 'worker', from: ['pending', 'retrying'], to: ['delivering'] },
  /** Says that the call is about to be made. */
  begin: { by: 'worker', from: ['delivering'], to: ['delivering'] },
  beginMessage: { by: 'worker', from: ['delivering'], to: ['delivering'] },
  /** A late success is taken after the worker was given up as well: it settles the doubt. */
  finish: {
    by: 'worker',
    from: ['delivering', 'unknown', 'retrying'],
    to: ['delivered', 'retrying', 'unknown', 'failed', 'held', 'skipped'],
  },
  putBack: { by: 'worker', from: ['delivering'], to: ['pending', 'retrying', 'delivered'] },
  expire: {
    by: 'sweep',
    from: ['delivering'],
    to: ['retrying', 'unknown', 'delivered', 'failed'],
  },
  /** Changes no status by itself: what waits in the lane is shown as held. */
  holdLane: { by: 'worker', from: [], to: [] },
  releaseLanes: {
    by: 'person',
    from: ['pending', 'retrying', 'held'],
    to: ['pending', 'retrying'],
  },
  /** Their destination was removed: nobody is to be sent them any more. */
  skipRemoved: { by: 'person', from: ['pending', 'retrying', 'held'], to: ['skipped'] },
  confirm: {
    by: 'provider',
    from: ['pending', 'retrying', 'unknown', 'failed', 'held', 'skipped', 'delivered'],
    to: ['delivered'],
  },
  bounce: { by: 'provider', from: ['delivered', 'unknown'], to: ['retrying', 'failed', 'held'] },
  restart: {
    by: 'person',
    from: ['failed', 'held', 'unknown', 'retrying', 'pending', 'skipped'],
    to: ['pending', 'retrying'],
  },
} as const satisfies Readonly<Record<string, Move>>;

export type MoveName = keyof typeof MOVES;

/** As SQL: `d.status IN (…)` takes it. */
export const fromStates = (move: MoveName): string =>
  `(${MOVES[move].from.map((status) => `'${status}'`).join(', ')})`;
