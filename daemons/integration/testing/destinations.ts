import { z } from 'zod';
import { asAdmin } from '../../../lib/testing/identities.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import { fanOut } from '../sending/fan-out.ts';
import { sweep } from '../sending/sweeper.ts';
import { KINDS } from '../kinds/index.ts';
import { kindsOf } from '../kinds/kind.ts';
import { startIntegrationDaemon } from './daemon.ts';
import { startDeliveryKit } from './kit.ts';
import { bellKind, noteKind } from './note-kind.ts';

export const TEST_KINDS = kindsOf([...KINDS.values(), noteKind, bellKind]);

type Body = Readonly<Record<string, unknown>>;

const secret = z.looseObject({
  value: z.string().optional(),
  previous_until: z.string().optional(),
});
/** What answers have in common that tests look into. */
const shown = z.object({ id: z.string(), secrets: z.record(z.string(), secret.nullable()) });
export const shownIn = (body: unknown) => shown.parse(body);

/** The daemon with destinations of the kind `note` besides its own, and clients to make them in. */
export async function startDestinations() {
  const kit = await startDeliveryKit();
  const daemon = await startIntegrationDaemon(kit, TEST_KINDS);
  const worker = createDatabase({
    url: kit.url,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 2,
  });
  let clients = 0;

  /** As a caller whom no contract keeps from sending what it likes. */
  const ask = async (method: string, path: string, body?: Body, identity = asAdmin()) => {
    const response = await fetch(`${daemon.url}/clients/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...daemon.vouchFor(identity) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const read: unknown = text === '' ? null : JSON.parse(text);
    return { status: response.status, text, body: read };
  };

  /** Every destination is owed what it should of these leads. */
  const fannedOut = (ids: readonly string[]) =>
    // Events hide behind the oldest transaction of the server, which may be another test's.
    kit.until(async () => {
      await fanOut(worker, TEST_KINDS);
      const { rows } = await kit.pool.query(
        `SELECT FROM events e JOIN event_cursors c ON c.consumer = 'deliveries'
         WHERE e.lead_id = ANY ($1) AND (e.xid, e.id) > (c.xid, c.id) LIMIT 1`,
        [ids],
      );
      return rows.length === 0;
    });

  return {
    kit,
    daemon,
    fannedOut,
    ask,
    admin: () => daemon.client(asAdmin()),

    async client(): Promise<string> {
      clients += 1;
      const id = `client-${clients}`;
      await kit.pool.query('INSERT INTO clients (client_id, name) VALUES ($1, $1)', [id]);
      return id;
    },

    /** A note that works, unless told otherwise; its id. */
    async note(clientId: string, over: Body = {}): Promise<string> {
      const { status, body, text } = await ask('POST', `${clientId}/destinations`, {
        name: 'board',
        kind: 'note',
        settings: { board: 'b1' },
        secrets: { token: 'a token' },
        ...over,
      });
      if (status !== 201) throw new Error(text);
      return shownIn(body).id;
    },

    /** New leads, of each of which every destination is owed what it should. */
    async leads(clientId: string, count: number, over: Body = {}): Promise<readonly string[]> {
      const { ids } = await kit.leads(clientId, count, over);
      await fannedOut(ids);
      return ids;
    },

    sweep: () => sweep(worker, TEST_KINDS),

    async stop() {
      await worker.stop();
      await daemon.stop();
      await kit.drop();
    },
  };
}

export type TestDestinations = Awaited<ReturnType<typeof startDestinations>>;
