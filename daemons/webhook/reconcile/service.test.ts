import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientId } from '../../../lib/core/ids.ts';
import { aMembership } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import {
  MINUTE_MS,
  START_MS,
  startReconcilingKit,
  type ReconcilingKit,
} from '../testing/reconciling.ts';

let kit: ReconcilingKit;

beforeAll(async () => {
  kit = await startReconcilingKit();
});
afterAll(() => kit.stop());

describe('reconciling over HTTP', () => {
  const call = (clientId: ClientId, sourceId: string, identity = asAdmin(), body = {}) =>
    kit.daemon.client(identity).call('reconcile', {
      params: { client_id: clientId, source_id: sourceId },
      body,
    });

  test('a member reconciles, and the audit log says who', async () => {
    const source = await kit.aSource('http');
    kit.leadsAt('http', 4);
    const membership = await aMembership(kit.owner, { client: source });
    const since = new Date(START_MS - MINUTE_MS).toISOString();
    const report = await call(source.clientId, source.id, asMember(membership), { since });
    expect(report).toMatchObject({ ok: true, body: { checked: 4, filled: 4, since } });
    expect(
      await kit.rows('SELECT actor_id, action FROM audit_log WHERE target_id = $1', [source.id]),
    ).toEqual([{ actor_id: membership.userId, action: 'meta_source.reconcile' }]);
    expect(await kit.leadsOf(source.clientId)).toHaveLength(4);
  });

  test("another client's source and continuation are not there", async () => {
    const [mine, theirs] = [await kit.aSource('a'), await kit.aSource('b')];
    expect(await call(mine.clientId, theirs.id)).toMatchObject({
      ok: false,
      problem: { code: 'not_found' },
    });
    const { continuation } = await kit.reconcile(theirs, { budgetMs: 0 });
    expect(await call(mine.clientId, mine.id, asAdmin(), { continuation })).toMatchObject({
      ok: false,
      problem: { code: 'validation_failed' },
    });
  });

  test('a client without a token is told what is missing', async () => {
    const source = await kit.aSource('none');
    await kit.rows("UPDATE client_integrations SET config = '{}' WHERE client_id = $1", [
      source.clientId,
    ]);
    expect(await call(source.clientId, source.id)).toMatchObject({
      ok: false,
      problem: { code: 'conflict', detail: expect.stringContaining('meta.page_access_token') },
    });
  });

  test('a suspended client is not worked for', async () => {
    const source = await kit.aSource('suspended');
    await kit.rows("UPDATE clients SET status = 'suspended' WHERE client_id = $1", [
      source.clientId,
    ]);
    expect(await call(source.clientId, source.id)).toMatchObject({
      ok: false,
      problem: { code: 'client_suspended' },
    });
  });
});
