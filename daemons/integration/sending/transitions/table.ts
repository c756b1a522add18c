import type { QueueTable } from '../../../../lib/queue/table.ts';

/** Deliveries as a queue; its lanes are rows of `lanes`, with a lease and a hold of their own. */
export const DELIVERIES: QueueTable = {
  name: 'deliveries',
  row: 'd',
  fresh: 'pending',
  again: 'retrying',
  claimed: 'delivering',
  roundAttempts: 'round_attempts',
  allAttempts: 'attempts',
};
