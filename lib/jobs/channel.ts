import { BaseNotificationChannel, toJobId, type JobNotification } from 'agenda';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { NotificationHub } from '../db/notifications.ts';

const notification = z.object({
  id: z.string(),
  name: z.string(),
  at: z.coerce.date().nullable(),
  priority: z.number(),
});

/**
 * Tells every process of a new job through PostgreSQL, whichever back end keeps the jobs, on the
 * connection that the process listens on anyway. What is lost is found by Agenda's own scan.
 * Agenda's channel would open another connection and announce each step of each run besides.
 */
class HubChannel extends BaseNotificationChannel {
  readonly #deps: { readonly hub: NotificationHub; readonly pool: Pool };
  #unsubscribe = (): void => undefined;

  constructor(deps: { hub: NotificationHub; pool: Pool }) {
    super({ reconnect: { enabled: false } });
    this.#deps = deps;
  }

  async connect(): Promise<void> {
    this.#unsubscribe = this.#deps.hub.subscribe('leadctl_jobs', (notice) => {
      if (notice.kind === 'notified') void this.#receive(notice.payload);
    });
    this.setState('connected');
  }

  async disconnect(): Promise<void> {
    this.#unsubscribe();
    this.handlers.clear();
    this.stateHandlers.clear();
    this.setState('disconnected');
  }

  async publish({ jobId, jobName, nextRunAt, priority }: JobNotification): Promise<void> {
    const payload = JSON.stringify({ id: jobId, name: jobName, at: nextRunAt, priority });
    await this.#deps.pool.query("SELECT pg_notify('leadctl_jobs', $1)", [payload]);
  }

  async #receive(payload: string): Promise<void> {
    const { id, name, at, priority } = notification.parse(JSON.parse(payload));
    await this.notifyHandlers({
      jobId: toJobId(id),
      jobName: name,
      nextRunAt: at,
      priority,
      timestamp: new Date(),
    });
  }
}

export function hubChannel(deps: { hub: NotificationHub; pool: Pool }): BaseNotificationChannel {
  return new HubChannel(deps);
}
