import type { Clock } from '../core/clock.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import type { Contract } from '../contract/route.ts';
import type { NotificationHub } from '../db/notifications.ts';
import type { HttpDeps, RequestListener, Serve } from '../http/app.ts';

/** One service, ready to be served: what `daemon.ts` of each returns. */
export interface Daemon extends Stoppable {
  readonly contract: Contract;
  readonly listener: RequestListener & { readonly serve?: Serve };
}

/** What the host process lends every daemon. */
export interface DaemonDeps extends HttpDeps {
  readonly clock: Clock;
  readonly hub: NotificationHub;
}
