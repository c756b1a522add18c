import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aClient, aMembership, type TestMembership } from '../../../lib/testing/factories.ts';
import { aProduct, type TestProduct } from '../../../lib/testing/lead-factories.ts';
import { asMember } from '../../../lib/testing/identities.ts';
import type { LeadChange } from '../contract.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let rep: TestMembership;
let offered: TestProduct;
let key: string;

beforeAll(async () => {
  bench = await openLeadBench();
  const client = await aClient(bench.db, { defaultCountry: 'DE' });
  rep = await aMembership(bench.db, { client });
  offered = await aProduct(bench.db, { client });
  key = await bench.keyFor(client);
});
afterAll(() => bench.stop());

const api = () => bench.daemon.client(asMember(rep));
const at = (id: string) => ({ client_id: rep.clientId, lead_id: id });

async function aLead(fields: Record<string, unknown> = {}): Promise<string> {
  const sent = { name: 'Mia', email: 'mia@example.com', phone: '030 wrong', ...fields };
  return String((await bench.postLead(key, sent)).body['id']);
}

async function correct(id: string, body: Partial<LeadChange>) {
  const result = await api().call('updateLead', { params: at(id), body });
  return result.ok ? result.body : result.problem;
}

async function lastEntry(id: string) {
  const timeline = await api().call('leadTimeline', { params: at(id) });
  return timeline.ok ? timeline.body.at(-1) : undefined;
}

describe('a correction', () => {
  test('is kept as ingestion would have kept it', async () => {
    const id = await aLead();
    const corrected = await correct(id, {
      name: '  Mia Muster ',
      email: ' MIA.Muster@Example.COM ',
      phone: '030 901820',
      product_id: offered.id,
    });
    expect(corrected).toMatchObject({
      name: 'Mia Muster',
      email: 'mia.muster@example.com',
      phone: '+4930901820',
      phone_valid: true,
      product_id: offered.id,
    });
  });

  test('keeps a phone that cannot be read, and says so', async () => {
    const id = await aLead({ phone: '030 901820' });
    expect(await correct(id, { phone: '12' })).toMatchObject({ phone: '12', phone_valid: false });
    expect(await correct(id, { phone: null })).toMatchObject({ phone: null, phone_valid: null });
  });

  test('shows on the timeline what was there before, and masked in the audit log', async () => {
    const id = await aLead();
    await correct(id, { name: 'Ada', email: null, phone: '030 901820' });
    expect(await lastEntry(id)).toMatchObject({
      kind: 'corrected',
      detail: {
        name: ['Mia', 'Ada'],
        email: ['mia@example.com', null],
        phone: ['030 wrong', '+4930901820'],
      },
    });
    const { rows } = await bench.db.query(
      "SELECT detail FROM audit_log WHERE target_id = $1 AND action = 'lead.update'",
      [id],
    );
    expect(rows).toEqual([
      {
        detail: {
          name: ['M***', 'A***'],
          email: ['m***@***', null],
          phone: ['***30', '***20'],
        },
      },
    ]);
  });

  test('that leaves no name, e-mail or phone is refused', async () => {
    const id = await aLead({ email: undefined, phone: undefined });
    expect(await correct(id, { name: null })).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'body', message: 'one of name, email, phone is required' }],
    });
    expect(await correct(id, { name: null, phone: '030 901820' })).toMatchObject({ name: null });
  });

  test('names no product that the client does not offer', async () => {
    const elsewhere = await aProduct(bench.db);
    const switchedOff = await aProduct(bench.db, {
      client: { clientId: rep.clientId },
      enabled: false,
    });
    const id = await aLead();
    for (const { id: product_id } of [elsewhere, switchedOff]) {
      expect(await correct(id, { product_id })).toMatchObject({
        code: 'validation_failed',
        errors: [{ path: 'body.product_id' }],
      });
    }
    await correct(id, { product_id: offered.id });
    expect(await correct(id, { product_id: null })).toMatchObject({ product_id: null });
  });

  test('to what is there already leaves no trace', async () => {
    const id = await aLead({ phone: '030 901820' });
    await correct(id, { name: 'Mia', email: 'MIA@example.com', phone: '+49 30 901820' });
    expect(await lastEntry(id)).toMatchObject({ kind: 'received' });
  });

  test('may change the status of a lead without any contact', async () => {
    const id = await aLead();
    await bench.db.query(
      'UPDATE leads SET name = NULL, email = NULL, phone = NULL, phone_valid = NULL WHERE id = $1',
      [id],
    );
    expect(await correct(id, { status: 'lost' })).toMatchObject({ status: 'lost' });
  });
});
