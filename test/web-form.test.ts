import { createHash } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TEXTS } from '../daemons/gateway/embed/texts.ts';
import { aClient, aUser, type TestClient } from '../lib/testing/factories.ts';
import { ask } from './access/ask.ts';
import { startPlatform, type AccessPlatform } from './access/platform.ts';
import { findChromium, openBrowser } from './browser.ts';
import { startWebsite, type Website } from './website.ts';

const executable = await findChromium();
if (executable === undefined) {
  process.stderr.write(
    '\nSKIPPED: forms of websites were not tried in a browser. There is no chromium, chromium-browser or google-chrome on the PATH; install one (apt-get install chromium) or set CHROMIUM_PATH.\n',
  );
}

const SOON = { timeout: 8_000 };
const NOTE = '.lead-note';

describe.skipIf(executable === undefined)('a form on a website', () => {
  let platform: AccessPlatform;
  let gateway: string;
  let site: Website;
  let browser: Browser;
  let client: TestClient;
  let key: string;
  let integrity: string;
  let context: BrowserContext;
  let wrongs: string[];

  beforeAll(async () => {
    platform = await startPlatform();
    [gateway] = platform.gateways;
    site = await startWebsite();
    browser = await openBrowser(executable ?? '');
    const script = await (await fetch(`${gateway}/embed/1.js`)).text();
    integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`;
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await platform?.stop();
  });
  beforeEach(async () => {
    client = await aClient(platform.db);
    const admin = await aUser(platform.db, { isAdmin: true });
    const made = await ask(gateway, {
      method: 'POST',
      path: `/api/clients/${client.clientId}/api-keys`,
      token: platform.tokenOf(admin),
      body: { name: 'website', allowed_origins: [site.origin] },
    });
    key = JSON.parse(made.text).key;
    await context?.close();
    context = await browser.newContext();
    wrongs = [];
  });

  interface Form {
    readonly lang?: string;
    readonly fields?: string;
    readonly integrity?: string;
  }

  /** A page without inline script or style, which may load from the gateway and nowhere else. */
  function showForm(form: Form = {}): void {
    const fields =
      form.fields ??
      `<label>Name <input name="name" required></label>
      <label>E-mail <input name="email" type="email"></label>
      <label><input name="consent" type="checkbox" value="true"> Yes, write to me</label>`;
    site.show(
      `<!doctype html><html lang="${form.lang ?? 'en'}"><meta charset="utf-8"><title>A website</title>
      <form method="post" action="${gateway}/api/leads/ingest">
      <input type="hidden" name="_api_key" value="${key}">${fields}<button>Send</button></form>
      <script src="${gateway}/embed/1.js" integrity="${form.integrity ?? integrity}" crossorigin defer></script></html>`,
      {
        'content-security-policy': `default-src 'none'; script-src ${gateway}; connect-src ${gateway}; form-action ${gateway}; require-trusted-types-for 'script'`,
      },
    );
  }

  async function visit(path = '/contact', in_ = context): Promise<Page> {
    const page = await in_.newPage();
    page.on('console', (message) => {
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) wrongs.push(message.text());
    });
    page.on('pageerror', (error) => wrongs.push(String(error)));
    await page.goto(`${site.origin}${path}`);
    return page;
  }

  const leads = async () => {
    const { rows } = await platform.db.query(
      'SELECT name, status, consent, raw_payload FROM leads WHERE client_id = $1',
      [client.clientId],
    );
    return rows;
  };
  const send = (page: Page) => page.getByRole('button', { name: 'Send' }).click();
  const note = (page: Page) => page.locator(`form > output${NOTE}`);

  test('sends its fields, where the visitor came from and the consent, under a strict policy', async () => {
    showForm();
    const page = await visit('/?utm_source=news&gclid=abc&other=1');
    await page.goto(`${site.origin}/contact#form`, { referer: `${site.origin}/` });
    const heard = page.evaluate(
      `new Promise((resolve) => addEventListener('lead', (event) => resolve(event.detail)))`,
    );
    await page.getByLabel('Name').fill('Ada');
    await send(page);
    expect(await heard).toMatchObject({ status: 'accepted', client_id: client.clientId });
    await expect.poll(() => note(page).textContent(), SOON).toBe('Thank you, it was received.');
    expect(await page.getByLabel('Name').inputValue()).toBe('');
    expect(await leads()).toEqual([
      expect.objectContaining({
        name: 'Ada',
        status: 'new',
        consent: false,
        raw_payload: {
          page: `${site.origin}/contact`,
          referrer: '',
          utm_source: 'news',
          gclid: 'abc',
          name: 'Ada',
          email: '',
          _gotcha: '',
          consent: false,
        },
      }),
    ]);
    expect(wrongs).toEqual([]);
  });

  test('makes one lead of many clicks, on a slow network too', async () => {
    showForm();
    const page = await visit();
    let posts = 0;
    await page.route('**/api/leads/ingest', async (route) => {
      posts += 1;
      await page.getByRole('button').click();
      await route.continue();
    });
    await page.getByLabel('Name').fill('Ada');
    await page.getByRole('button').dblclick();
    await expect.poll(() => note(page).textContent(), SOON).toContain('Thank you');
    await page.unroute('**/api/leads/ingest');
    await page.getByLabel('Name').fill('Ada');
    await send(page);
    await expect.poll(() => page.getByLabel('Name').inputValue(), SOON).toBe('');
    expect(posts).toBeGreaterThan(0);
    expect(await leads()).toHaveLength(1);
    await page.getByLabel('Name').fill('Grace');
    await send(page);
    await expect.poll(leads, SOON).toHaveLength(2);
  });

  test('sends again when the answer was lost, and makes one lead of it', async () => {
    showForm();
    const page = await visit();
    const keys: (string | undefined)[] = [];
    await page.route('**/api/leads/ingest', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await page.getByLabel('Name').fill('Ada');
    await send(page);
    await expect.poll(() => note(page).textContent(), SOON).toContain('Offline');
    await expect.poll(() => note(page).textContent(), SOON).toContain('Thank you');
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(await leads()).toHaveLength(1);
  });

  test('keeps what is sent offline, and sends it from whatever page is opened next', async () => {
    showForm();
    const page = await visit();
    await context.setOffline(true);
    await page.getByLabel('Name').fill('Ada');
    await send(page);
    await expect.poll(() => note(page).textContent(), SOON).toContain('Offline');
    await page.close();
    expect(await leads()).toEqual([]);
    await context.setOffline(false);
    const next = await visit('/elsewhere');
    await expect.poll(leads, SOON).toHaveLength(1);
    await expect.poll(() => next.evaluate('localStorage.length'), SOON).toBe(0);
  });

  test('sends what waits as soon as the page is online again', async () => {
    showForm();
    const page = await visit();
    await context.setOffline(true);
    await page.getByLabel('Name').fill('Ada');
    await send(page);
    await expect.poll(() => note(page).textContent(), SOON).toContain('Offline');
    await context.setOffline(false);
    await expect.poll(() => note(page).textContent(), SOON).toContain('Thank you');
    expect(await leads()).toHaveLength(1);
  });

  test.each(Object.entries(TEXTS))(
    'says what is wrong beside the field, in the language of the page: %s',
    async (lang, texts) => {
      showForm({ lang });
      const page = await visit();
      const said = () => page.locator(`label ${NOTE}`).allTextContents();
      await expect
        .poll(async () => {
          await send(page);
          return said();
        }, SOON)
        .toEqual([texts[0]]);
      expect(await page.locator('input:focus').getAttribute('name')).toBe('name');
      expect(await page.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
      await page.getByLabel('Name').fill('Ada');
      expect(await said()).toEqual(['']);
      await page.getByLabel('E-mail').fill('ada@');
      await send(page);
      expect(await said()).toEqual(['', texts[1]]);
      expect(await leads()).toEqual([]);
    },
  );

  test('asks for a way to reach somebody, and shows which field the platform refused', async () => {
    showForm({
      fields: '<input name="message"><input name="email"><input name="lead_reference_id">',
    });
    const page = await visit();
    await send(page);
    expect(await page.locator(`[name=email] + ${NOTE}`).textContent()).toBe(
      'Give name, e-mail or phone.',
    );
    await page.locator('[name=email]').fill('ada@example.com');
    await page.locator('[name=lead_reference_id]').fill('x'.repeat(2_000));
    await send(page);
    await expect
      .poll(() => page.locator(`[name=lead_reference_id] + ${NOTE}`).textContent(), SOON)
      .toBe('Please check this.');
    expect(await leads()).toEqual([]);
  });

  test('goes on to the page that it names', async () => {
    showForm({
      fields: `<input name="name"><input name="_redirect" type="hidden" value="${site.origin}/thanks">`,
    });
    const page = await visit();
    await page.locator('[name=name]').fill('Ada');
    await send(page);
    await page.waitForURL(`${site.origin}/thanks`);
    expect(await leads()).toHaveLength(1);
  });

  test('lets a field that people do not see catch machines', async () => {
    showForm();
    const page = await visit();
    await page.getByLabel('Name').fill('A machine');
    await page.evaluate(`document.forms[0].elements._gotcha.value = 'https://spam.example'`);
    await send(page);
    await expect.poll(async () => (await leads())[0]?.status, SOON).toBe('spam');
  });

  test.each([
    ['is switched off', {}, { javaScriptEnabled: false }],
    ['was changed on its way', { integrity: `sha384-${'A'.repeat(64)}` }, {}],
  ])('is a plain form when the script %s', async (_what, form, options) => {
    showForm(form);
    const plain = await browser.newContext(options);
    const page = await visit('/contact', plain);
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Yes').check();
    await send(page);
    await page.waitForURL(`${gateway}/api/leads/ingest`);
    expect(await page.getByRole('heading').textContent()).toBe('Thank you');
    expect(await leads()).toMatchObject([{ name: 'Ada', consent: 'true' }]);
    await plain.close();
  });
});
