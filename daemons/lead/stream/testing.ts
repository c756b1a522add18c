import { request } from 'node:http';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Identity } from '../../../lib/identity/identity.ts';
import type { LeadBench } from '../testing/bench.ts';

/** Somebody who follows a client over HTTP and counts only whole events. */
export interface Follower {
  /** The leads of the events so far, in order. */
  readonly leadIds: readonly string[];
  /** What to resume with. */
  lastId(): string;
  /** Reads nothing more until `resume`. */
  pause(): void;
  resume(): void;
  isEnded(): boolean;
  close(): void;
}

/** Resolves once the stream's first position is there. */
export function follow(
  bench: LeadBench,
  { clientId }: { clientId: ClientId },
  { identity, lastEventId }: { identity: Identity; lastEventId?: string },
): Promise<Follower> {
  const { promise, resolve, reject } = Promise.withResolvers<Follower>();
  const outgoing = request(`${bench.daemon.url}/clients/${clientId}/leads/stream`, {
    agent: false,
    headers: {
      ...bench.daemon.vouchFor(identity),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  outgoing.on('response', (response) => {
    if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
    const leadIds: string[] = [];
    let lastId = '';
    let rest = '';
    let isEnded = false;
    const follower: Follower = {
      leadIds,
      lastId: () => lastId,
      pause: () => void response.pause(),
      resume: () => void response.resume(),
      isEnded: () => isEnded,
      close: () => void outgoing.destroy(),
    };
    response.setEncoding('utf8').on('error', () => undefined);
    response.once('close', () => (isEnded = true));
    response.on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        lastId = /^id: (.*)$/m.exec(block)?.[1] ?? lastId;
        const leadId = /^data: .*?"lead_id":"([^"]+)"/m.exec(block)?.[1];
        if (leadId !== undefined) leadIds.push(leadId);
      }
      if (lastId !== '') resolve(follower);
    });
  });
  outgoing.on('error', reject).end();
  return promise;
}
