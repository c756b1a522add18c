import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { receivedBy } from './destinations/receivers.ts';
import { createBench, googleSheets, type Bench } from './integrations/bench.ts';
import { startUp, workplace, type Platform, type Workplace } from './platform.ts';

let at: Workplace;
let platform: Platform;
let bench: Bench;

/** 2 000 for the figure in the documentation; the promise is the same with fewer. */
const LEADS = Number(process.env['DESTINATION_LEADS'] ?? 30);
const CLIENTS = ['north', 'east', 'south'] as const;
const OF_EACH_KIND = 4;
const WITHIN_MS = 60_000 + LEADS * 200;

beforeAll(async () => {
  at = await workplace(22_600);
  platform = await startUp(at, [], {
    // Long enough that only calls which are made to hang run into it, on a busy machine too: of a message
    // that was never taken, no status tells.
    PROVIDER_TIMEOUT_MS: '3000',
    SANDBOX_KEEP_ENTRIES: '100000',
  });
  bench = await createBench(platform);
});

afterAll(async () => {
  await platform?.stop();
  await at?.remove();
});

interface Place {
  readonly clientId: string;
  readonly kind: 'whatsapp' | 'google_sheets' | 'webhook' | 'email' | 'slack';
  readonly name: string;
  /** What its receiver is called at the doubles. */
  readonly receiver: string;
}

const PLACES: readonly Place[] = CLIENTS.flatMap((clientId, of) =>
  (['whatsapp', 'google_sheets', 'webhook', 'email', 'slack'] as const).flatMap((kind) =>
    Array.from({ length: OF_EACH_KIND }, (_none, index) => ({
      clientId,
      kind,
      name: `${kind.replace('_', '-')}-${index}`,
      receiver: kind === 'whatsapp' ? `8${of}0${index}` : `${clientId}-${index}`,
    })),
  ),
);

const sheetIdOf = ({ clientId, name }: Place) => `${clientId}-${name}`;

function given(place: Place) {
  const { sandbox } = platform.ready;
  const template = { name: 'new_lead', language: 'en_US', parameters: ['name'] };
  const { config } = googleSheets('-');
  return {
    whatsapp: {
      settings: { phone_number_id: place.receiver, template },
      secrets: { access_token: 'a-good-token' },
    },
    google_sheets: {
      settings: { spreadsheet_id: sheetIdOf(place) },
      secrets: config.google_sheets,
    },
    webhook: { settings: { url: `${sandbox}/hooks/${place.receiver}` } },
    email: { settings: { to: [`${place.receiver}@example.com`] } },
    slack: { secrets: { webhook_url: `${sandbox}/services/T0/B0/${place.receiver}` } },
  }[place.kind];
}

/** Each fails some of its calls, in a way that is not about the delivery. */
const FAULTS = [
  { provider: 'whatsapp', operation: 'messages', hang_after_accept: true, rate: 0.03 },
  { provider: 'whatsapp', operation: 'messages', status: 500, code: 131_000, rate: 0.05 },
  { provider: 'google_sheets', operation: 'append', status: 503, rate: 0.2 },
  { provider: 'google_sheets', operation: 'append', hang_after_accept: true, rate: 0.1 },
  { provider: 'webhook', status: 503, rate: 0.1 },
  { provider: 'webhook', hang_after_accept: true, rate: 0.02 },
  { provider: 'email', code: 451, rate: 0.1 },
  { provider: 'slack', status: 500, rate: 0.1 },
];

const idOf = z.object({ id: z.string() });

test(
  'three clients with four destinations of each kind, and faults in between: each lead once at each',
  { timeout: WITHIN_MS + 60_000 },
  async () => {
    const keys = new Map<string, string>();
    for (const clientId of CLIENTS) {
      keys.set(clientId, await bench.client(clientId, { whatsapp_enabled: false }));
    }
    for (const place of PLACES) {
      await bench.api('POST', `/clients/${place.clientId}/destinations?lint=false`, {
        name: place.name,
        kind: place.kind,
        ...given(place),
      });
    }
    const faults = [];
    for (const fault of FAULTS) {
      faults.push(idOf.parse(await bench.control('POST', '/faults', fault)));
    }
    const each = Math.ceil(LEADS / CLIENTS.length);
    for (let from = 0; from < each; from += 10) {
      const count = Math.min(10, each - from);
      await Promise.all([...keys.values()].map((key) => bench.batch(key, count, from)));
    }
    const perClient = each * OF_EACH_KIND * 5;
    for (const clientId of CLIENTS) {
      await bench
        .until(() => bench.isAllDelivered(clientId, perClient), WITHIN_MS)
        .catch((cause: unknown) => explain(clientId, cause));
    }
    const hits = await bench.faultHits();
    expect(hits).toBeGreaterThan(0);
    for (const place of PLACES) await checkPlace(place, each);
    process.stdout.write(
      `  ${each * CLIENTS.length} leads, ${PLACES.length} destinations: ${perClient * CLIENTS.length} deliveries, each once; ${hits} calls failed or hung\n`,
    );
  },
);

/** Says what is still open, and why. */
async function explain(clientId: string, cause: unknown): Promise<never> {
  const summary = await bench.api('GET', `/clients/${clientId}/deliveries/summary`);
  const open = (await bench.deliveries(clientId)).filter(({ status }) => status !== 'delivered');
  const shown = JSON.stringify({ summary, open: open.slice(0, 5) }, null, 1);
  throw new Error(`${clientId} is not through: ${shown}`, { cause });
}

async function checkPlace(place: Place, each: number): Promise<void> {
  const deliveries = z
    .array(z.looseObject({ id: z.string(), lead_id: z.string(), status: z.string() }))
    .parse(await bench.listAll(`/clients/${place.clientId}/deliveries?destination=${place.name}&`));
  expect(deliveries).toHaveLength(each);
  const received = (await receivedBy(bench, place.receiver, sheetIdOf(place)))[place.kind];
  const doubled = [...received].filter(([, count]) => count !== 1).map(([key]) => key);
  const unexplained = [];
  for (const key of doubled) if (!(await isExplained(place, key))) unexplained.push(key);
  expect([place.name, unexplained, received.size]).toEqual([place.name, [], each]);
  // A mail is known by an id of its own alone; the others name the lead, or the delivery.
  const known = deliveries.map(({ id, lead_id: leadId }) =>
    place.kind === 'whatsapp' ? id : leadId,
  );
  const unknown = place.kind === 'email' ? [] : [...received.keys()].filter(isNotIn(known));
  expect(unknown).toEqual([]);
}

const attempts = z.object({
  attempt_log: z.array(z.looseObject({ code: z.string().nullable() })),
});

/** Slack knows no ids of messages: one that it took, and answered too late, is posted again and says so. */
async function isExplained({ clientId, kind, name }: Place, leadId: string): Promise<boolean> {
  if (kind !== 'slack') return false;
  const path = `/clients/${clientId}/deliveries`;
  const [delivery] = await bench.listAll(`${path}?destination=${name}&lead_id=${leadId}&`);
  const read = attempts.parse(await bench.api('GET', `${path}/${delivery?.id}`));
  return read.attempt_log.some(({ code }) => code === 'timeout');
}

const isNotIn = (known: readonly string[]) => {
  const set = new Set(known);
  return (key: string): boolean => !set.has(key);
};
