import { expect, test } from 'vitest';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import type { Outcome } from '../thing.ts';
import { execute } from './execute.ts';
import { step, type Step } from './step.ts';

const clientId = clientIdSchema.parse('acme');
const about = { run: () => Promise.reject(new Error('not of this test')), phase: 0 };
const role = (identity: string): Step =>
  step({ ...about, kind: 'role', clientId: null, identity, action: 'create' });
const member = (identity: string, ...needs: Step[]): Step =>
  step({
    ...about,
    kind: 'member',
    clientId,
    identity,
    action: 'create',
    needs: needs.map(({ key }) => key),
  });
const removal = (identity: string): Step =>
  step({ ...about, kind: 'role', clientId: null, identity, action: 'remove', phase: 1 });

const refusal = (status: number): Outcome => ({
  ok: false,
  problem: { type: 't', title: 't', status, detail: 'd', code: 'c', request_id: 'r' },
});

async function statuses(
  steps: readonly Step[],
  perform: (step: Step) => Promise<Outcome>,
  signal = new AbortController().signal,
): Promise<Record<string, string>> {
  const results = await execute({ steps, perform, onResult: () => undefined, signal });
  return Object.fromEntries(
    steps.map(({ key, identity }) => [identity, results.get(key)?.status ?? 'none']),
  );
}

test('what needs something that failed is skipped, the rest is done', async () => {
  const boss = member('boss');
  const steps = [boss, member('rep', boss), member('other')];
  const done = await statuses(steps, async ({ identity }) =>
    identity === 'boss' ? refusal(422) : { ok: true },
  );
  expect(done).toEqual({ boss: 'failed', rep: 'skipped', other: 'done' });
});

test('nothing is removed while something else is not done', async () => {
  const steps = [role('new'), removal('old')];
  expect(await statuses(steps, async () => refusal(500))).toEqual({
    new: 'failed',
    old: 'skipped',
  });
  expect(await statuses(steps, async () => ({ ok: true }))).toEqual({ new: 'done', old: 'done' });
});

test('something that is there already, or no more, is a conflict to look at again', async () => {
  for (const status of [409, 404]) {
    expect(await statuses([role('new')], async () => refusal(status))).toEqual({ new: 'conflict' });
  }
});

test('without a connection the rest is not tried', async () => {
  const steps = ['a', 'b', 'c', 'd'].map((name) => member(name));
  const done = await statuses(steps, async ({ identity }) => {
    if (identity === 'b') throw new TypeError('fetch failed');
    return { ok: true };
  });
  expect(done).toEqual({ a: 'done', b: 'failed', c: 'skipped', d: 'skipped' });
});

test('the steps of a client run one after the other, those of several side by side, never too many', async () => {
  let running = 0;
  let most = 0;
  const inClient = new Map<string, number>();
  const steps = Array.from({ length: 60 }, (_, at) => {
    const one = member(`m${at}`);
    return { ...one, key: `${at}`, clientId: clientIdSchema.parse(`client${at % 20}`) };
  });
  await statuses(steps, async ({ clientId }) => {
    const id = clientId ?? '';
    running += 1;
    inClient.set(id, (inClient.get(id) ?? 0) + 1);
    most = Math.max(most, running);
    expect(inClient.get(id)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
    inClient.set(id, 0);
    return { ok: true };
  });
  expect(most).toBe(8);
});
