import { Client } from 'pg';
import type { Stoppable } from '../core/lifecycle.ts';
import { withTimeout } from '../core/timeout.ts';
import type { Logger } from '../telemetry/log.ts';
import { connectionOptions, type DbRole } from './connection.ts';
import { createConnections } from './goodbye.ts';

export type Channel =
  | 'leadctl_access'
  | 'leadctl_api_keys'
  | 'leadctl_events'
  | 'leadctl_deliveries'
  | 'leadctl_jobs'
  | 'leadctl_webhooks';

/** `resumed`: listening has begun, or begun again; anything may have been missed before. */
export type Notice = { kind: 'notified'; payload: string } | { kind: 'resumed' };

export interface NotificationHub extends Stoppable {
  subscribe(channel: Channel, onNotice: (notice: Notice) => void): () => void;
  /** When the connection last proved alive, in epoch milliseconds; how far a copy can be trusted. */
  lastAliveAtMs(): number;
  /** Rejects while not listening. */
  check(): Promise<void>;
}

const HEARTBEAT_MS = 2_000;
const HEARTBEAT_TIMEOUT_MS = 2_000;
const RECONNECT_MS = 250;

/** One listening connection, shared by everything in the process that waits for notifications. */
export async function createNotificationHub(deps: {
  url: string;
  role: DbRole;
  applicationName: string;
  log: Logger;
}): Promise<NotificationHub> {
  const connections = createConnections();
  const subscribers = new Map<Channel, Set<(notice: Notice) => void>>();
  let client: Client | undefined;
  let lastAliveAtMs = 0;
  let isStopped = false;
  let reconnectTimer: NodeJS.Timeout | undefined;

  let asking: Promise<unknown> = Promise.resolve();

  /** One statement after the other: a connection takes no second one while it works on a first. */
  const ask = (of: Client, statement: string): Promise<unknown> => {
    const asked = asking.then(() => of.query(statement));
    asking = asked.catch(() => undefined);
    return asked;
  };

  const tell = (channel: Channel, notice: Notice) => {
    for (const onNotice of subscribers.get(channel) ?? []) onNotice(notice);
  };

  const connect = async (): Promise<void> => {
    const fresh = new Client({ ...connectionOptions(deps), stream: connections.stream });
    fresh.on('error', () => lose(fresh));
    fresh.on('end', () => lose(fresh));
    fresh.on('notification', ({ channel, payload }) => {
      lastAliveAtMs = Date.now();
      for (const known of subscribers.keys()) {
        if (known === channel) tell(known, { kind: 'notified', payload: payload ?? '' });
      }
    });
    await fresh.connect();
    for (const channel of subscribers.keys()) await ask(fresh, `LISTEN ${channel}`);
    client = fresh;
    lastAliveAtMs = Date.now();
  };

  const lose = (lost: Client): void => {
    if (client === lost) {
      client = undefined;
      if (!isStopped) deps.log.warn('notifications: connection lost; reconnecting');
    }
    if (isStopped || client !== undefined) return;
    clearTimeout(reconnectTimer);
    reconnectTimer = setTimeout(() => void resume(), RECONNECT_MS);
  };

  const resume = async (): Promise<void> => {
    if (isStopped || client !== undefined) return;
    try {
      await connect();
      deps.log.info('notifications: listening again');
      for (const channel of subscribers.keys()) tell(channel, { kind: 'resumed' });
    } catch {
      clearTimeout(reconnectTimer);
      reconnectTimer = setTimeout(() => void resume(), RECONNECT_MS);
    }
  };

  /** A failed LISTEN ends the connection's trust: reconnecting listens to all of them anew. */
  const startListening = async (listening: Client, channel: Channel): Promise<void> => {
    try {
      await ask(listening, `LISTEN ${channel}`);
      tell(channel, { kind: 'resumed' });
    } catch {
      lose(listening);
    }
  };

  const beat = async (): Promise<void> => {
    const beating = client;
    if (beating === undefined) return;
    try {
      await withTimeout(ask(beating, 'SELECT 1'), HEARTBEAT_TIMEOUT_MS, 'heartbeat');
      lastAliveAtMs = Date.now();
    } catch {
      beating.end().catch(() => undefined);
      lose(beating);
    }
  };

  await connect();
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS);
  return {
    subscribe(channel, onNotice) {
      const known = subscribers.get(channel);
      const group = known ?? new Set();
      group.add(onNotice);
      subscribers.set(channel, group);
      if (!known && client) void startListening(client, channel);
      return () => group.delete(onNotice);
    },
    lastAliveAtMs: () => lastAliveAtMs,
    async check() {
      if (client === undefined) throw new Error('not listening for database notifications');
    },
    async stop() {
      isStopped = true;
      clearInterval(heartbeat);
      clearTimeout(reconnectTimer);
      if (client !== undefined) await connections.end(client.end());
    },
  };
}
