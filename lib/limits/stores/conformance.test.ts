import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../telemetry/log.ts';
import { startRelay, type Relay } from '../../testing/relay.ts';
import { createLimits, type Limits } from '../limits.ts';
import { storeAt } from '../open.ts';
import type { CountStore } from '../store.ts';
import { STORE_KINDS, type StoreServer } from '../testing/servers.ts';

const silent = createLogger({ service: 'gateway', version: 'test', level: 'silent' });
const open = (url: string): CountStore =>
  storeAt(
    {
      limitsUrl: url,
      databaseUrl: 'postgres://none@127.0.0.1:9/none',
      role: 'leadctl_gateway',
      applicationName: 'leadctl-test',
    },
    silent,
  );

for (const { kind, missing, start } of STORE_KINDS) {
  if (missing !== undefined) {
    // Loud, so that nobody takes a suite for passed that did not run.
    process.stderr.write(`SKIPPED: rate limits in ${kind}: ${missing}\n`);
  }
  describe.skipIf(missing !== undefined)(`counters in ${kind}`, () => {
    let server: StoreServer;
    let stores: CountStore[];
    let nth = 0;
    const freshKey = () => `test:${(nth += 1)}`;
    const store = () => stores[0] ?? open(server.url);

    beforeAll(async () => {
      server = await start();
      // Memory is one process's: there both are the same.
      const first = open(server.url);
      stores = kind === 'memory' ? [first, first] : [first, open(server.url)];
    });
    afterAll(async () => {
      await Promise.all(stores.map((each) => each.stop()));
      await server.stop();
    });

    const add = async (key: string, points: number, windowSeconds = 60, at = store()) =>
      (await at.add([{ key, points, windowSeconds }]))[0];

    test('add up, and say how long they last', async () => {
      const key = freshKey();
      expect((await add(key, 3))?.points).toBe(3);
      const standing = await add(key, 4);
      expect(standing?.points).toBe(7);
      expect(standing?.msLeft).toBeGreaterThan(58_000);
      expect(standing?.msLeft).toBeLessThanOrEqual(60_000);
    });

    test('are not there before they are added to, nor after they are removed', async () => {
      const key = freshKey();
      expect(await store().read(key)).toBeUndefined();
      await add(key, 2);
      expect((await store().read(key))?.points).toBe(2);
      await store().remove(key);
      expect(await store().read(key)).toBeUndefined();
      expect((await add(key, 1))?.points).toBe(1);
    });

    test('begin anew when their window is over, and adding does not prolong it', async () => {
      const key = freshKey();
      const first = await add(key, 5, 2);
      await sleep(300);
      const second = await add(key, 1, 2);
      expect(second?.msLeft).toBeLessThan(first?.msLeft ?? 0);
      await expect.poll(() => store().read(key), { timeout: 5_000 }).toBeUndefined();
      await store().prune();
      expect((await add(key, 1, 2))?.points).toBe(1);
    });

    test('lose nothing when two processes add to the same ones, in any order', async () => {
      const keys = Array.from({ length: 10 }, freshKey);
      const additions = keys.map((key) => ({ key, points: 1, windowSeconds: 60 }));
      const rounds = Array.from({ length: 10 }, (_, round) =>
        stores.map((each, at) =>
          each.add((round + at) % 2 === 0 ? additions : additions.toReversed()),
        ),
      );
      await Promise.all(rounds.flat());
      const standings = await Promise.all(keys.map((key) => store().read(key)));
      expect(new Set(standings.map((standing) => standing?.points))).toEqual(new Set([20]));
    }, 20_000);

    test('are told in the order asked for', async () => {
      const keys = Array.from({ length: 30 }, freshKey);
      const shuffled = keys
        .map((key, at) => ({ key, points: at + 1, windowSeconds: 60 }))
        .toReversed();
      const standings = await store().add(shuffled);
      expect(standings.map(({ points }) => points)).toEqual(shuffled.map(({ points }) => points));
    });
  });

  describe.skipIf(missing !== undefined || kind === 'memory')(`limits shared in ${kind}`, () => {
    const POLICY = { name: 'user', points: 200, windowSeconds: 60 };
    let server: StoreServer;
    let relay: Relay;
    const lines: { message: string }[] = [];
    const log = createLogger({
      service: 'gateway',
      version: 'test',
      level: 'info',
      destination: { write: (line: string) => lines.push(JSON.parse(line)) },
    });
    const running: Limits[] = [];
    const process = (): Limits => {
      const relayed = new URL(server.url);
      relayed.hostname = '127.0.0.1';
      relayed.port = String(relay.port);
      if (kind === 'mongodb') relayed.searchParams.set('directConnection', 'true');
      const limits = createLimits({ store: open(relayed.href), log });
      running.push(limits);
      return limits;
    };

    beforeAll(async () => {
      server = await start();
      const { hostname, port } = new URL(server.url);
      relay = await startRelay({ host: hostname, port: Number(port) });
    });
    afterAll(async () => {
      await Promise.all(running.map((limits) => limits.stop()));
      await relay.stop();
      await server.stop();
    });

    test('hold for two processes together, within a tenth', async () => {
      const limiters = [process(), process()].map((limits) => limits.limiter(POLICY));
      let allowed = 0;
      // Some 50 requests a second at each of them, for twice as many as are allowed.
      for (let at = 0; at < 200; at += 1) {
        for (const limiter of limiters) allowed += Number(limiter.take('ada').isAllowed);
        await sleep(20);
      }
      expect(allowed).toBeGreaterThanOrEqual(POLICY.points);
      expect(allowed).toBeLessThanOrEqual(POLICY.points * 1.1);
    });

    test('that are strict let exactly so many pass, however many ask at once and wherever', async () => {
      const policy = { name: freshName(), points: 20, windowSeconds: 60 };
      const limiters = [process(), process()].map((limits) => limits.strictLimiter(policy));
      // Connected before the rush, so that none of it waits for that.
      await Promise.all(limiters.map((limiter) => limiter.take('connected')));
      const verdicts = await Promise.all(
        Array.from({ length: 30 }, () => limiters.map((limiter) => limiter.take('ada'))).flat(),
      );
      expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(policy.points);
      expect(await limiters[0]?.take('bob')).toMatchObject({ isAllowed: true, remaining: 19 });
    });

    test('go on in each process while the store is away, which is said once, and are shared again', async () => {
      lines.length = 0;
      const [one, other] = [process(), process()];
      const policy = { ...POLICY, name: freshName(), points: 10 };
      const login = freshName();
      const exact = one.strictCounter(login, 60);
      await exact.penalty('ada');
      expect((await other.strictCounter(login, 60).get('ada'))?.consumedPoints).toBe(1);

      relay.cut();
      const limiter = one.limiter(policy);
      const allowed = Array.from({ length: 15 }, () => limiter.take('bob').isAllowed);
      expect(allowed.filter(Boolean).length).toBe(10);
      await exact.penalty('ada');
      await exact.penalty('ada');
      expect((await exact.get('ada'))?.consumedPoints).toBe(3);
      const strict = one.strictLimiter({ ...policy, name: freshName(), points: 2 });
      const passed = [];
      for (let asked = 0; asked < 3; asked += 1) passed.push((await strict.take('ada')).isAllowed);
      expect(passed).toEqual([true, true, false]);
      await expect.poll(() => warnings().length).toBe(1);
      await sleep(1_500);
      expect(warnings().length).toBe(1);

      relay.mend();
      const told = other.strictCounter(policy.name, 60);
      await expect
        .poll(async () => (await told.get('bob'))?.consumedPoints, { timeout: 15_000 })
        .toBeGreaterThanOrEqual(10);
      expect(recoveries().length).toBeGreaterThanOrEqual(1);
    }, 40_000);
    let names = 0;
    const freshName = () => `outage-${(names += 1)}`;
    const recoveries = () => lines.filter(({ message }) => message.includes('answers again'));
    const warnings = () => lines.filter(({ message }) => message.includes('does not answer'));
  });
}
