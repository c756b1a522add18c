import { createHmac } from 'node:crypto';
import { FacebookAdsApi, Lead, LeadgenForm, Page } from 'facebook-nodejs-business-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { APP_SECRET, startSandbox, type TestSandbox } from '../testing/sandbox.ts';

const TOKEN = 'EAApage';
const PROOF = {
  appsecret_proof: createHmac('sha256', APP_SECRET).update(TOKEN).digest('hex'),
};
const FIELDS = ['id', 'created_time', 'field_data', 'form_id'];
const NOW_S = Math.floor(Date.now() / 1_000);

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
  // Where it sends requests is a getter of the class; all else is the SDK as it comes.
  Object.defineProperty(FacebookAdsApi, 'GRAPH', { get: () => sandbox.url });
  FacebookAdsApi.init(TOKEN, 'en_US', false);
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.control('POST', '/reset'));

const made = z.object({ leadgen_id: z.string() });

async function makeLead(name: string, createdAgoS = 0): Promise<string> {
  const lead = {
    page_id: '123',
    form_id: '456',
    field_data: [{ name: 'full_name', values: [name] }],
    created_time: NOW_S - createdAgoS,
    notify: false,
  };
  return made.parse(await sandbox.control('POST', '/meta/leads', lead)).leadgen_id;
}

describe("Meta's own SDK", () => {
  test('reads a lead', async () => {
    const id = await makeLead('Ada');
    const lead = await new Lead(id).get(FIELDS, PROOF);
    expect(lead._data).toMatchObject({
      id,
      form_id: '456',
      field_data: [{ name: 'full_name', values: ['Ada'] }],
    });
  });

  test('reads a form page by page, and from a time on', async () => {
    // This SDK follows Meta's link to the next page as it is, which carries no proof.
    await sandbox.control('POST', '/meta/settings', { require_proof: false });
    const ids = [];
    for (const index of [5, 4, 3, 2, 1]) ids.push(await makeLead(`Lead ${index}`, index * 3_600));
    const read = [];
    let cursor = await new LeadgenForm('456').getLeads(FIELDS, { ...PROOF, limit: 2 });
    for (let page = 0; page < 10; page += 1) {
      read.push(...cursor.map(({ id }) => id));
      if (!cursor.hasNext()) break;
      cursor = await cursor.next();
    }
    expect(read.toSorted()).toEqual(ids.toSorted());

    const filtering = JSON.stringify([
      { field: 'time_created', operator: 'GREATER_THAN', value: NOW_S - 2.5 * 3_600 },
    ]);
    const recent = await new LeadgenForm('456').getLeads(FIELDS, { ...PROOF, filtering });
    expect(recent.map(({ id }) => id).toSorted()).toEqual(ids.slice(3).toSorted());
  });

  test('subscribes a page, and finds its forms', async () => {
    await makeLead('Ada');
    const page = new Page('123');
    await page.createSubscribedApp([], { ...PROOF, subscribed_fields: ['leadgen'] });
    const [app] = await page.getSubscribedApps(['subscribed_fields'], PROOF);
    expect(app?._data).toMatchObject({ subscribed_fields: ['leadgen'] });
    const forms = await page.getLeadGenForms(['id', 'status'], PROOF);
    expect(forms.map(({ id }) => id)).toEqual(['456']);
  });

  test('understands the errors', async () => {
    await sandbox.control('POST', '/faults', { provider: 'meta', operation: 'lead', code: 190 });
    await expect(new Lead('1').get(FIELDS, PROOF)).rejects.toMatchObject({
      name: 'FacebookRequestError',
      response: { code: 190, type: 'OAuthException' },
    });
    await sandbox.control('DELETE', '/faults');
    await expect(new Lead('1').get(FIELDS)).rejects.toMatchObject({ response: { code: 100 } });
  });
});
