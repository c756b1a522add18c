import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../lib/core/ids.ts';
import { openTestBench, type TestBench } from '../../lib/testing/bench.ts';
import { aClient, aUser, unique } from '../../lib/testing/factories.ts';
import { asAdmin, asUser } from '../../lib/testing/identities.ts';
import { aProduct } from '../../lib/testing/lead-factories.ts';
import { productContract, type ProductContract } from './contract.ts';
import { createProductDaemon } from './daemon.ts';

let bench: TestBench<ProductContract>;

beforeAll(async () => {
  bench = await openTestBench({ contract: productContract, create: createProductDaemon });
});

afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());
const conflict = { ok: false, problem: { status: 409, code: 'conflict' } };
const missing = { ok: false, problem: { status: 404, code: 'not_found' } };

async function anIndustry(name = `industry-${unique()}`): Promise<string> {
  const made = await admin().call('createIndustry', { body: { name } });
  if (!made.ok) throw new Error(made.problem.detail);
  return made.body.id;
}

async function aCategory(industry_id: string, name = 'SUV'): Promise<string> {
  const made = await admin().call('createCategory', { body: { industry_id, name } });
  if (!made.ok) throw new Error(made.problem.detail);
  return made.body.id;
}

async function auditOf(targetId: string): Promise<unknown[]> {
  const { rows } = await bench.db.query(
    'SELECT action, detail FROM audit_log WHERE target_id = $1 ORDER BY id',
    [targetId],
  );
  return rows;
}

describe('the catalogue', () => {
  test('stands level in level, and each tells what it stands in', async () => {
    const industry_id = await anIndustry();
    const category_id = await aCategory(industry_id);
    const made = await admin().call('createProduct', { body: { category_id, name: 'Roadster' } });
    expect(made).toMatchObject({ ok: true, status: 201, body: { category_id, name: 'Roadster' } });
    const category = await admin().call('getCategory', { params: { category_id } });
    expect(category).toMatchObject({ ok: true, body: { id: category_id, industry_id } });
    const industry = await admin().call('getIndustry', { params: { industry_id } });
    expect(industry).toMatchObject({ ok: true, body: { id: industry_id } });
    expect(await auditOf(category_id)).toEqual([
      { action: 'category.create', detail: { name: 'SUV', industry_id } },
    ]);
  });

  test('has no category without an industry and no product without a category', async () => {
    const nowhere = newId();
    const category = await admin().call('createCategory', {
      body: { industry_id: nowhere, name: 'SUV' },
    });
    expect(category).toMatchObject({
      ok: false,
      problem: { status: 422, errors: [{ path: 'body.industry_id' }] },
    });
    const product = await admin().call('createProduct', {
      body: { category_id: nowhere, name: 'Roadster' },
    });
    expect(product).toMatchObject({
      ok: false,
      problem: { status: 422, errors: [{ path: 'body.category_id' }] },
    });
    expect(await auditOf(nowhere)).toEqual([]);
  });

  test('has a name once in its place, and in another place again', async () => {
    const [one, two] = [await anIndustry(), await anIndustry()];
    const category = await aCategory(one, 'SUV');
    await aCategory(two, 'SUV');
    const again = await admin().call('createCategory', {
      body: { industry_id: one, name: ' SUV ' },
    });
    expect(again).toMatchObject(conflict);
    const other = await aCategory(one, 'Van');
    const params = { category_id: other };
    const renamed = await admin().call('renameCategory', { params, body: { name: 'SUV' } });
    expect(renamed).toMatchObject(conflict);
    const body = { name: 'SUV' };
    const same = await admin().call('renameCategory', { params: { category_id: category }, body });
    expect(same).toMatchObject({ ok: true, status: 200 });
    expect(await auditOf(category)).toHaveLength(1);
    const name = `industry-${unique()}`;
    await anIndustry(name);
    expect(await admin().call('createIndustry', { body: { name } })).toMatchObject(conflict);
  });

  test('loses nothing that is in use, from the bottom up', async () => {
    const client = await aClient(bench.db);
    const { id, categoryId, industryId } = await aProduct(bench.db, { client });
    const remove = [
      () => admin().call('deleteProduct', { params: { product_id: id } }),
      () => admin().call('deleteCategory', { params: { category_id: categoryId } }),
      () => admin().call('deleteIndustry', { params: { industry_id: industryId } }),
    ];
    for (const attempt of remove) expect(await attempt()).toMatchObject(conflict);
    await bench.db.query('DELETE FROM client_products WHERE product_id = $1', [id]);
    for (const attempt of remove) expect(await attempt()).toMatchObject({ ok: true, status: 204 });
    for (const attempt of remove) expect(await attempt()).toMatchObject(missing);
    expect(await auditOf(id)).toEqual([{ action: 'product.delete', detail: { name: 'Roadster' } }]);
  });

  test('renames on record', async () => {
    const { id } = await aProduct(bench.db);
    const params = { product_id: id };
    const renamed = await admin().call('renameProduct', { params, body: { name: 'Coupé' } });
    expect(renamed).toMatchObject({ ok: true, body: { id, name: 'Coupé' } });
    expect(await auditOf(id)).toEqual([
      { action: 'product.rename', detail: { name: ['Roadster', 'Coupé'] } },
    ]);
  });

  test('is changed by admins alone', async () => {
    const { id, categoryId, industryId } = await aProduct(bench.db);
    const api = bench.daemon.client(asUser(await aUser(bench.db)));
    for (const attempt of [
      await api.call('createIndustry', { body: { name: 'Mine' } }),
      await api.call('renameIndustry', {
        params: { industry_id: industryId },
        body: { name: 'x' },
      }),
      await api.call('deleteCategory', { params: { category_id: categoryId } }),
      await api.call('createProduct', { body: { category_id: categoryId, name: 'x' } }),
      await api.call('deleteProduct', { params: { product_id: id } }),
    ]) {
      expect(attempt).toMatchObject({ ok: false, problem: { status: 403, code: 'forbidden' } });
    }
  });
});

test('lists go by name, each once, and can keep to one parent', async () => {
  const [one, two] = [await anIndustry(), await anIndustry()];
  for (const name of ['Van', 'SUV', 'Estate', 'Coupé', 'Cabrio']) await aCategory(one, name);
  await aCategory(two, 'Lorry');
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await admin().call('listCategories', {
      query: { industry_id: one, limit: 2, cursor },
    });
    if (!page.ok) throw new Error(page.problem.detail);
    seen.push(...page.body.data.map(({ name }) => name));
    cursor = page.body.next_cursor ?? undefined;
  } while (cursor !== undefined && seen.length < 20);
  expect(seen).toEqual(['Cabrio', 'Coupé', 'Estate', 'SUV', 'Van']);
  const all = await admin().call('listCategories', { query: { limit: 200 } });
  expect(all).toMatchObject({
    ok: true,
    body: { data: expect.arrayContaining([expect.objectContaining({ name: 'Lorry' })]) },
  });
  const forged = Buffer.from('["a","b"]').toString('base64url');
  const refused = await admin().call('listProducts', { query: { cursor: forged } });
  expect(refused).toMatchObject({ ok: false, problem: { status: 422 } });
});
