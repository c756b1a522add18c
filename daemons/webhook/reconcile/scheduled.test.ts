import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphError } from '../testing/fake-graph.ts';
import { startReconcilingKit, type ReconcilingKit } from '../testing/reconciling.ts';

let kit: ReconcilingKit;

beforeAll(async () => {
  kit = await startReconcilingKit();
});
afterAll(() => kit.stop());
beforeEach(() => {
  kit.graph.interfere(undefined);
  kit.alerts.length = 0;
});

test('a schedule leaves a held page alone until it is due, somebody who asks is given a try', async () => {
  const source = await kit.aSource('held');
  const [lead] = kit.leadsAt('held', 1);
  const scheduled = () => kit.reconcile(source, { isScheduled: true });
  const recheckAt = async () => {
    const [hold] = await kit.rows('SELECT recheck_at FROM meta_holds WHERE page_id = $1', [
      source.page,
    ]);
    return hold?.['recheck_at'];
  };
  kit.graph.interfere(() => graphError(103, 'Leads access revoked'));
  expect(await scheduled()).toMatchObject({ stopped: { code: '103' } });
  const dueAt = await recheckAt();
  expect(dueAt).toBeInstanceOf(Date);
  const calls = kit.graph.requests.length;
  await expect(scheduled()).rejects.toThrow('Leads access revoked');
  expect(kit.graph.requests).toHaveLength(calls);

  expect(await kit.reconcile(source)).toMatchObject({ stopped: { code: '103' } });
  expect(kit.graph.requests.length).toBeGreaterThan(calls);
  expect(await recheckAt()).toEqual(dueAt);
  await kit.rows('UPDATE meta_holds SET recheck_at = now() WHERE page_id = $1', [source.page]);
  kit.graph.interfere(undefined);
  expect(await scheduled()).toMatchObject({ filled: 1 });
  expect(await kit.referencesOf(source.clientId)).toEqual([lead?.id]);
});

test('a dead token is found once by a schedule, also where the forms have to be listed first', async () => {
  const source = await kit.aSource();
  kit.graph.interfere(() => graphError(190, 'Error validating access token'));
  const scheduled = () => kit.reconcile(source, { isScheduled: true });
  expect(await scheduled()).toMatchObject({ stopped: { code: '190' } });
  const calls = kit.graph.requests.length;
  await expect(scheduled()).rejects.toThrow('meta.page_access_token');
  expect(kit.graph.requests).toHaveLength(calls);
  expect(kit.alerts).toHaveLength(1);
});
