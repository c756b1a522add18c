import { fail, type Failure } from '../../../lib/core/errors.ts';

export interface SlotLimits {
  readonly perUser: number;
  readonly perProcess: number;
}

export interface Slots {
  /** A place for one more stream of this user. */
  take(userId: string): Slot | Failure;
}

export interface Slot {
  /** Once is enough. */
  giveBack(): void;
}

const RETRY_AFTER_S = 10;

export function createSlots(limits: SlotLimits): Slots {
  const ofUsers = new Map<string, number>();
  let taken = 0;

  const count = (userId: string, change: 1 | -1): void => {
    taken += change;
    const ofUser = (ofUsers.get(userId) ?? 0) + change;
    if (ofUser > 0) ofUsers.set(userId, ofUser);
    else ofUsers.delete(userId);
  };

  return {
    take(userId) {
      if ((ofUsers.get(userId) ?? 0) >= limits.perUser) {
        return fail('rate_limited', `You have ${limits.perUser} streams open; close one first.`, {
          retryAfterSeconds: RETRY_AFTER_S,
        });
      }
      if (taken >= limits.perProcess) {
        return fail(
          'upstream_unavailable',
          'As many streams are open here as can be served; try again shortly.',
          { retryAfterSeconds: RETRY_AFTER_S },
        );
      }
      count(userId, 1);
      let isTaken = true;
      return {
        giveBack() {
          if (isTaken) count(userId, -1);
          isTaken = false;
        },
      };
    },
  };
}
