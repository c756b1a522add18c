import type { DeliveryStatus } from './shapes.ts';

/**
 * How a delivery is shown, of `deliveries` joined with `lanes`: held while its lane is, with the lane's
 * reason. Named like the columns that they stand for, behind which they come.
 */
export const SHOWN_STATUS = 'shown_status(deliveries.status, deliveries.is_trial, lanes.held_at)';

const heldOr = (lanes: string, own: string): string =>
  `CASE WHEN ${SHOWN_STATUS} = 'held' AND deliveries.status <> 'held' THEN ${lanes} ELSE ${own} END`;

export const SHOWN_CODE = heldOr('lanes.held_code', 'deliveries.last_error_code');
export const SHOWN_MESSAGE = heldOr('lanes.held_message', 'deliveries.last_error_message');

export const SHOWN_COLUMNS = `${SHOWN_STATUS} AS status, ${SHOWN_CODE} AS last_error_code,
  ${SHOWN_MESSAGE} AS last_error_message,
  ${heldOr('NULL', 'deliveries.next_attempt_at')} AS next_attempt_at`;

const WAITING = `deliveries.status IN ('pending', 'retrying')`;

/** A condition that the statuses' own indexes serve as well. */
const KEPT_AS: Readonly<Partial<Record<DeliveryStatus, string>>> = {
  held: `(deliveries.status = 'held' OR ${WAITING})`,
};

export function isShownAs(status: DeliveryStatus): string {
  return `${KEPT_AS[status] ?? `deliveries.status = '${status}'`} AND ${SHOWN_STATUS} = '${status}'`;
}
