import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { aClient, aMembership, type TestMembership } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { aLead, aProduct } from '../../../lib/testing/lead-factories.ts';
import { productContract, type ProductContract } from '../contract.ts';
import { createProductDaemon } from '../daemon.ts';

let bench: TestBench<ProductContract>;
let member: TestMembership;

beforeAll(async () => {
  bench = await openTestBench({ contract: productContract, create: createProductDaemon });
  member = await aMembership(bench.db);
});

afterAll(() => bench.stop());

const api = (as: TestMembership = member) => bench.daemon.client(asMember(as));

function put(productId: string, enabled?: boolean, as: TestMembership = member) {
  return api(as).call('putClientProduct', {
    params: { client_id: as.clientId, product_id: productId },
    body: enabled === undefined ? {} : { enabled },
  });
}

function detach(productId: string) {
  return api().call('detachClientProduct', {
    params: { client_id: member.clientId, product_id: productId },
  });
}

async function auditOf(productId: string): Promise<string[]> {
  const { rows } = await bench.db.query<{ action: string }>(
    'SELECT action FROM audit_log WHERE client_id = $1 AND target_id = $2 ORDER BY id',
    [member.clientId, productId],
  );
  return rows.map(({ action }) => action);
}

describe('a client’s product', () => {
  test('is attached once and then switched, and written only when it changes', async () => {
    const { id } = await aProduct(bench.db);
    expect(await put(id)).toMatchObject({
      ok: true,
      status: 201,
      body: { product_id: id, product: 'Roadster', category: 'SUV', enabled: true },
    });
    expect(await put(id, true)).toMatchObject({ ok: true, status: 200, body: { enabled: true } });
    expect(await put(id, false)).toMatchObject({ ok: true, status: 200, body: { enabled: false } });
    expect(await put(id, true)).toMatchObject({ ok: true, status: 200, body: { enabled: true } });
    expect(await detach(id)).toMatchObject({ ok: true, status: 204 });
    expect(await detach(id)).toMatchObject({ ok: false, problem: { status: 404 } });
    expect(await auditOf(id)).toEqual([
      'client_product.attach',
      'client_product.disable',
      'client_product.enable',
      'client_product.detach',
    ]);
  });

  test('may be another’s too, and each switches its own', async () => {
    const other = await aMembership(bench.db);
    const { id } = await aProduct(bench.db);
    await put(id, true);
    await put(id, false, other);
    const listed = await api().call('listClientProducts', {
      params: { client_id: member.clientId },
      query: { limit: 200 },
    });
    expect(listed).toMatchObject({
      ok: true,
      body: {
        data: expect.arrayContaining([expect.objectContaining({ product_id: id, enabled: true })]),
      },
    });
    expect(await put(id, false, other)).toMatchObject({ body: { client_id: other.clientId } });
  });

  test('stays while leads are about it: they keep knowing what they were about', async () => {
    const client = { clientId: member.clientId };
    const product = await aProduct(bench.db, { client });
    await aLead(bench.db, { client, product });
    expect(await detach(product.id)).toMatchObject({
      ok: false,
      problem: { status: 409, code: 'conflict', detail: expect.stringContaining('disable') },
    });
    expect(await auditOf(product.id)).toEqual([]);
    expect(await put(product.id, false)).toMatchObject({ ok: true, body: { enabled: false } });
  });

  test('must be in the catalogue, and the client must exist', async () => {
    expect(await put(newId())).toMatchObject({ ok: false, problem: { status: 404 } });
    const { id } = await aProduct(bench.db);
    const nobodys = await bench.daemon.client(asAdmin()).call('putClientProduct', {
      params: { client_id: 'no-such-client', product_id: id },
      body: {},
    });
    expect(nobodys).toMatchObject({
      ok: false,
      problem: { status: 404, detail: expect.stringContaining('no-such-client') },
    });
  });

  test('put twice in the same moment is attached once', async () => {
    const { id } = await aProduct(bench.db);
    const answers = await Promise.all([put(id), put(id), put(id), put(id)]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: true });
    const { rows } = await bench.db.query('SELECT FROM client_products WHERE product_id = $1', [
      id,
    ]);
    expect(rows).toHaveLength(1);
  });
});

describe('the list', () => {
  test('goes by name, a page at a time, and can keep to what is enabled', async () => {
    const own = await aMembership(bench.db);
    const client = { clientId: own.clientId };
    for (const name of ['C', 'A', 'B']) await aProduct(bench.db, { client, name });
    await aProduct(bench.db, { client, name: 'D', enabled: false });
    const list = async (query: { limit?: number; cursor?: string; enabled?: string }) => {
      const page = await api(own).call('listClientProducts', {
        params: { client_id: own.clientId },
        query,
      });
      if (!page.ok) throw new Error(page.problem.detail);
      return page.body;
    };
    const first = await list({ limit: 3 });
    expect(first.data.map(({ product }) => product)).toEqual(['A', 'B', 'C']);
    const rest = await list({ limit: 3, cursor: first.next_cursor ?? '' });
    expect(rest.data.map(({ product }) => product)).toEqual(['D']);
    expect(rest.next_cursor).toBeNull();
    const enabled = await list({ enabled: 'true' });
    expect(enabled.data.map(({ product }) => product)).toEqual(['A', 'B', 'C']);
  });

  test('is closed to another client’s members', async () => {
    const other = await aClient(bench.db);
    const params = { client_id: other.clientId };
    const { id } = await aProduct(bench.db, { client: other });
    const foreign = { ok: false, problem: { status: 404, code: 'not_found' } };
    expect(await api().call('listClientProducts', { params })).toMatchObject(foreign);
    const ofProduct = { ...params, product_id: id };
    const switched = await api().call('putClientProduct', {
      params: ofProduct,
      body: { enabled: false },
    });
    expect(switched).toMatchObject(foreign);
    const detached = await api().call('detachClientProduct', { params: ofProduct });
    expect(detached).toMatchObject(foreign);
  });
});
