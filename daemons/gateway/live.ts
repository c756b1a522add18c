import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../lib/core/errors.ts';
import type { Stoppable } from '../../lib/core/lifecycle.ts';
import type { NotificationHub } from '../../lib/db/notifications.ts';
import type { Authorised } from './guard.ts';
import type { Logger } from '../../lib/telemetry/log.ts';

/** A live answer, and what it was allowed on. */
export interface Watched extends Authorised {
  readonly response: ServerResponse;
  /** The same decision made again, on what is true now. */
  readonly decideAgain: () => Promise<Authorised | Failure>;
}

/** Answers that go on after the decision to give them. */
export interface LiveAnswers extends Stoppable {
  /** Breaks the answer off within a second of the moment from which it would be refused. */
  watch(watched: Watched): void;
}

const RECHECK_MS = 500;
/** A change of many rows is announced row by row: one look for all of them. */
const COALESCE_MS = 20;

/**
 * Decides on every live answer anew twice a second, and at once when a change to the access model
 * is announced. Any difference ends it, a promotion too: what a daemon sends was chosen for the
 * identity it was given at first. The caller comes back and is judged as who they are now.
 */
export function createLiveAnswers(deps: {
  hub: Pick<NotificationHub, 'subscribe'>;
  clock: Clock;
  log: Logger;
}): LiveAnswers {
  const open = new Set<Watched>();
  let announced: NodeJS.Timeout | undefined;

  const holds = async (watched: Watched): Promise<boolean> => {
    if (deps.clock().getTime() >= watched.expiresAtMs) return false;
    const now = await watched.decideAgain();
    return !isFailure(now) && isDeepStrictEqual(now.identity, watched.identity);
  };

  const check = async (watched: Watched): Promise<void> => {
    try {
      if (await holds(watched)) return;
    } catch (error) {
      deps.log.warn({ err: error }, 'a live answer could not be decided on again; it is ended');
    }
    watched.response.destroy();
  };

  const checkAll = (): void => {
    for (const watched of open) void check(watched);
  };

  const timer = setInterval(checkAll, RECHECK_MS);
  timer.unref();
  const unsubscribe = deps.hub.subscribe('leadctl_access', () => {
    announced ??= setTimeout(() => {
      announced = undefined;
      checkAll();
    }, COALESCE_MS);
  });

  return {
    watch(watched) {
      open.add(watched);
      watched.response.once('close', () => open.delete(watched));
    },
    async stop() {
      unsubscribe();
      clearInterval(timer);
      clearTimeout(announced);
      for (const { response } of open) response.destroy();
    },
  };
}
