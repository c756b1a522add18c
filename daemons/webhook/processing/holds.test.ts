import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { graphError } from '../testing/fake-graph.ts';
import { never, startProcessingKit, type ProcessingKit } from '../testing/processing.ts';

let kit: ProcessingKit;

beforeAll(async () => {
  kit = await startProcessingKit();
});
afterAll(() => kit.stop());
beforeEach(() => {
  kit.graph.interfere(undefined);
  kit.alerts.length = 0;
});

describe('a dead token', () => {
  test('holds its page and no other, is told once, and everything flows when it is replaced', async () => {
    const clientId = await kit.aMetaClient({ token: 'dead', sources: [{ page: 'p7' }] });
    const healthy = await kit.aMetaClient({ sources: [{ page: 'p8' }] });
    kit.graph.tokens.delete('dead');
    const leads = Array.from({ length: 40 }, () => kit.aLead());
    await kit.notify('p7', leads);
    await kit.notify('p8', [kit.aLead()]);
    await kit.work();
    await kit.notify('p7', [kit.aLead()]);
    await kit.work();
    const held = await kit.rows(
      'SELECT DISTINCT status, last_error_code, client_id FROM webhook_events WHERE page_id = $1',
      ['p7'],
    );
    expect(held).toEqual([{ status: 'held', last_error_code: '190', client_id: clientId }]);
    expect(kit.alerts).toMatchObject([{ clientId, pageId: 'p7', code: '190' }]);
    expect(kit.alerts[0]?.message).toContain('set it as meta.page_access_token');
    expect(await kit.leadsOf(healthy)).toHaveLength(1);
    const calls = kit.graph.requests.length;
    await kit.work();
    expect(kit.graph.requests).toHaveLength(calls);

    kit.graph.tokens.add('fresh');
    await kit.setToken(clientId, 'fresh');
    expect(await kit.processor.sweep()).toMatchObject({ released: 41 });
    await kit.processor.run('leads', never);
    expect(await kit.leadsOf(clientId)).toHaveLength(41);
    expect(await kit.rows('SELECT * FROM meta_holds')).toEqual([]);
    expect(kit.alerts).toHaveLength(1);
  });

  test('that is only sealed anew, as a rotation does, stays held and is not told again', async () => {
    const [page, token] = [newId(), newId()];
    const clientId = await kit.aMetaClient({ token, sources: [{ page }] });
    kit.graph.tokens.delete(token);
    await kit.notify(page, [kit.aLead()]);
    await kit.work();
    const calls = kit.graph.requests.length;
    await kit.setToken(clientId, token);
    expect(await kit.processor.sweep()).toMatchObject({ released: 0 });
    await kit.notify(page, [kit.aLead()]);
    await kit.work();
    expect(kit.graph.requests).toHaveLength(calls);
    expect(kit.alerts).toHaveLength(1);
  });

  test('without a fingerprint is known by its sealed text', async () => {
    const page = newId();
    const clientId = await kit.aMetaClient({ token: 'old', sources: [{ page }] });
    const forgetFingerprint = () =>
      kit.rows(
        `UPDATE client_integrations SET config = config #- '{meta,page_access_token,fingerprint}'
         WHERE client_id = $1`,
        [clientId],
      );
    await forgetFingerprint();
    kit.graph.tokens.delete('old');
    await kit.notify(page, [kit.aLead()]);
    await kit.work();
    expect(await kit.processor.sweep()).toMatchObject({ released: 0 });
    kit.graph.tokens.add('fresh');
    await kit.setToken(clientId, 'fresh');
    await forgetFingerprint();
    expect(await kit.processor.sweep()).toMatchObject({ released: 1 });
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });

  test.each([
    [
      'no token at all',
      "UPDATE client_integrations SET config = '{}' WHERE client_id = $1",
      'token_missing',
    ],
    [
      "another client's token",
      `UPDATE client_integrations SET config = (SELECT config FROM client_integrations
         WHERE client_id <> $1 AND config <> '{}' LIMIT 1) WHERE client_id = $1`,
      'token_wrong_row',
    ],
  ])('%s is a hold as well', async (_what, change, code) => {
    const page = newId();
    const clientId = await kit.aMetaClient({ sources: [{ page }] });
    await kit.rows(change, [clientId]);
    const lead = kit.aLead();
    await kit.notify(page, [lead]);
    await kit.work();
    expect(await kit.eventOf(lead.id)).toMatchObject({ status: 'held', last_error_code: code });
    await kit.setToken(clientId, 'fresh');
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });

  test('access that Meta gives back by itself is looked for again, and not told anew', async () => {
    const clientId = await kit.aMetaClient({ sources: [{ page: 'p9' }] });
    const lead = kit.aLead();
    kit.graph.interfere(({ url }) =>
      url.pathname.endsWith(lead.id) ? graphError(103, 'Leads access revoked') : undefined,
    );
    await kit.notify('p9', [lead]);
    await kit.work();
    for (let recheck = 0; recheck < 3; recheck += 1) {
      await kit.rows('UPDATE meta_holds SET recheck_at = now() WHERE client_id = $1', [clientId]);
      expect(await kit.processor.sweep()).toMatchObject({ released: 1 });
      await kit.processor.run('leads', never);
    }
    expect(kit.callsFor(lead.id)).toHaveLength(4);
    expect(kit.alerts).toHaveLength(1);
    kit.graph.interfere(undefined);
    await kit.rows('UPDATE meta_holds SET recheck_at = now() WHERE client_id = $1', [clientId]);
    await kit.work();
    expect(await kit.leadsOf(clientId)).toHaveLength(1);
  });
});
