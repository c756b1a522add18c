import type { Bench, Figure, Outcome } from './bench.ts';
import type { LoadOptions } from './load.ts';
import { aMember, load, startNullKoa, type Loaded, type Platform } from './platform.ts';
import { layersOf, profileOptions } from './profile.ts';
import { ofRounds, withSides } from './sides.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const ROUND_MS = Number(process.env['BENCH_ROUND_MS'] ?? 4_000);
const WARM_UP_MS = Number(process.env['BENCH_WARM_UP_MS'] ?? 6_000);
const CONNECTIONS = 16;
const PORT_BASE = 18_450;
const LEADS = 5_000;

/** One lead read by a member who is no administrator, beside what Koa alone answers. */
export const bench: Bench = {
  name: 'read',
  what: `One lead through the gateway by a member's access token, ${CONNECTIONS} connections`,
  run(options) {
    const { directory, nodeOptions } = profileOptions(options.profile);
    return withSides(options, { portBase: PORT_BASE, nodeOptions }, async (now, before) => {
      const outcome = await measure(now, before);
      if (!options.profile) return outcome;
      await now.stop();
      return { ...outcome, notes: await layersOf(directory) };
    });
  },
};

async function measure(now: Platform, before: Platform | undefined): Promise<Outcome> {
  const koa = await startNullKoa();
  const sides = await Promise.all(
    (before === undefined ? [now] : [now, before]).map(async (platform) => ({
      platform,
      reading: await aReader(platform),
      rounds: new Array<Loaded>(),
    })),
  );
  const nothing: Loaded[] = [];
  try {
    for (const { platform, reading } of sides) {
      await load({ ...reading, durationMs: WARM_UP_MS }, platform);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { platform, reading, rounds } of round % 2 === 0 ? sides : sides.toReversed()) {
        rounds.push(await load(reading, platform));
      }
      const [first] = sides;
      if (first) nothing.push(await load({ ...first.reading, url: koa.url }, koa));
    }
  } finally {
    await koa.stop();
  }
  const [mine, other] = sides.map(({ rounds }) => figuresOf(rounds, nothing));
  return { figures: mine ?? [], ...(other === undefined ? {} : { before: other }) };
}

function figuresOf(rounds: readonly Loaded[], nothing: readonly Loaded[]): Figure[] {
  const all = (of: (round: Loaded, nothing: Loaded | undefined) => number) =>
    rounds.map((round, index) => of(round, nothing[index]));
  return [
    ofRounds(
      'cpu',
      'µs',
      all(({ nodeUs, postgresUs }) => nodeUs + postgresUs),
    ),
    ofRounds(
      'cpu_node',
      'µs',
      all(({ nodeUs }) => nodeUs),
    ),
    ofRounds(
      'cpu_postgres',
      'µs',
      all(({ postgresUs }) => postgresUs),
    ),
    ofRounds(
      'rate',
      '/s',
      all(({ perSecond }) => perSecond),
    ),
    ofRounds(
      'ratio_to_null_koa',
      '',
      all((one, koa) => one.perSecond / (koa?.perSecond ?? 0)),
    ),
    ofRounds(
      'p99',
      'ms',
      all(({ p99Ms }) => p99Ms),
    ),
    ofRounds(
      'null_koa_cpu',
      'µs',
      all((_one, koa) => koa?.nodeUs ?? 0),
    ),
    { name: 'errors', unit: '', value: rounds.reduce((sum, { errors }) => sum + errors, 0) },
  ];
}

/** Leads of a member, and a request of theirs for one of them. */
async function aReader({ owner, url }: Platform): Promise<LoadOptions> {
  const { token, membershipId } = await aMember(owner);
  const { rows } = await owner.query<{ id: string }>(
    `INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, raw_payload,
       assigned_to_user_client_id, created_at, updated_at)
     SELECT uuidv7(), 'bench', 'Ada ' || n, 'ada.' || n || '@example.com', '+14155550123', true, 'website',
       jsonb_build_object('name', 'Ada ' || n, 'message', repeat('x', 120)), $1, now(), now()
     FROM generate_series(1, ${LEADS}) n RETURNING id`,
    [membershipId],
  );
  await owner.query('VACUUM ANALYZE');
  return {
    url: `${url}/api/clients/bench/leads/${rows[LEADS / 2]?.id}`,
    what: 'get',
    headers: { Authorization: `Bearer ${token}` },
    connections: CONNECTIONS,
    durationMs: ROUND_MS,
  };
}
