import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDaemon } from '../../../lib/testing/daemon.ts';
import { aClient } from '../../../lib/testing/factories.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import type { IntegrationContract } from '../contract.ts';
import { startIntegrationDaemon } from '../testing/daemon.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let kit: DeliveryKit;
let daemon: TestDaemon<IntegrationContract>;

beforeAll(async () => {
  kit = await startDeliveryKit();
  daemon = await startIntegrationDaemon(kit);
});
afterAll(async () => {
  await daemon.stop();
  await kit.drop();
});

test('a Meta source is removed by its id, without a body', async () => {
  const { clientId } = await aClient(kit.pool);
  const params = { client_id: clientId };
  const body = { page_id: '31' };
  const added = await daemon.client(asAdmin()).call('addMetaSource', { params, body });
  const id = added.ok ? added.body.id : added.problem.detail;
  const remove = async () => {
    const headers = daemon.vouchFor(asAdmin());
    const url = `${daemon.url}/clients/${clientId}/meta-sources/${id}`;
    return (await fetch(url, { method: 'DELETE', headers })).status;
  };
  expect([await remove(), await remove()]).toEqual([204, 404]);
});
