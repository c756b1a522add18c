import { generate } from 'otplib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPasswordLink, aUser, type TestUser } from '../lib/testing/factories.ts';
import { ask } from './access/ask.ts';
import { startPlatform, type AccessPlatform } from './access/platform.ts';
import { findChromium, openBrowser } from './browser.ts';

const OLD = 'a plum tree in winter light';
const NEW = 'seven kettles, one violin';
/** The first password that is judged waits for its dictionaries. */
const SOON = { timeout: 15_000 };
const NARROW = { width: 320, height: 640 };

const executable = await findChromium();
if (executable === undefined) {
  process.stderr.write(
    '\nSKIPPED: the account page was not tried in a browser. There is no chromium, chromium-browser or google-chrome on the PATH; install one (apt-get install chromium) or set CHROMIUM_PATH.\n',
  );
}

describe.skipIf(executable === undefined)('the account page', () => {
  let platform: AccessPlatform;
  let gateway: string;
  let browser: Browser;

  beforeAll(async () => {
    platform = await startPlatform();
    [gateway] = platform.gateways;
    browser = await openBrowser(executable ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  interface Visit {
    readonly page: Page;
    /** What went elsewhere, or was complained about by the browser. */
    readonly wrongs: string[];
  }

  async function visit(fragment = '', viewport = NARROW): Promise<Visit> {
    const page = await browser.newPage({ viewport });
    const wrongs: string[] = [];
    page.on('console', (message) => {
      // A refused request is the page's business, and shown by it.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) wrongs.push(message.text());
    });
    page.on('pageerror', (error) => wrongs.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${gateway}/`)) wrongs.push(request.url());
      if (request.url().includes('token=')) wrongs.push(`token sent: ${request.url()}`);
    });
    await page.goto(`${gateway}/account/${fragment}`);
    return { page, wrongs };
  }

  const login = async (user: TestUser, password: string) =>
    (
      await ask(gateway, {
        method: 'POST',
        path: '/api/auth/login',
        body: { email: user.email, password },
      })
    ).outcome;
  /** The other forms of the page have some of the same names. */
  const fieldOf = (page: Page, label: string) =>
    page.getByLabel(label, { exact: true }).filter({ visible: true });
  const errorsOf = async (page: Page) =>
    (await page.locator('.error:visible').allTextContents())
      .map((text) => text.trim())
      .filter((text) => text !== '');

  test('takes an invitation: refuses a weak password beside its field, then sets a good one', async () => {
    const user = await aUser(platform.db, { status: 'invited' });
    const token = await aPasswordLink(platform.db, user, { byMail: true });
    const { page, wrongs } = await visit(`#token=${token}`);
    expect(page.url()).toBe(`${gateway}/account/`);
    await fieldOf(page, 'New password').fill('1234567890');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await expect
      .poll(() => errorsOf(page), SOON)
      .toEqual([expect.stringMatching(/^The password is too easy to guess\./)]);
    const field = fieldOf(page, 'New password');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('input:focus').getAttribute('autocomplete')).toBe('new-password');
    await page.getByRole('button', { name: 'Show the password' }).click();
    expect(await field.getAttribute('type')).toBe('text');
    await field.fill(NEW);
    await field.press('Enter');
    await expect
      .poll(() => page.getByRole('status').textContent(), SOON)
      .toContain(`The password of ${user.email} is set`);
    expect(await login(user, NEW)).toBe('passes');
    expect(wrongs).toEqual([]);

    const again = await visit(`#token=${token}`);
    await fieldOf(again.page, 'New password').fill(NEW);
    await again.page.getByRole('button', { name: 'Set the password' }).click();
    await expect
      .poll(() => again.page.getByRole('alert').filter({ visible: true }).textContent(), SOON)
      .toContain('was used, or is too old');
  });

  test('changes a password, asking for the authenticator app’s code where there is one', async () => {
    const user = await aUser(platform.db, { password: OLD });
    const token = platform.tokenOf(user);
    const post = async (path: string, body?: object) =>
      JSON.parse((await ask(gateway, { method: 'POST', path, token, body })).text);
    const { secret }: { secret: string } = await post('/api/auth/totp');
    const { recovery_codes: recovery }: { recovery_codes: string[] } = await post(
      '/api/auth/totp/confirm',
      { code: await generate({ secret }) },
    );
    const { page, wrongs } = await visit('#change');
    await fieldOf(page, 'E-mail').fill(user.email);
    await fieldOf(page, 'Current password').fill(OLD);
    await fieldOf(page, 'New password').fill(NEW);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect
      .poll(() => errorsOf(page), SOON)
      .toEqual([expect.stringMatching(/^The code is needed: the 6 digits/)]);
    await fieldOf(page, 'Code of your authenticator app').fill(recovery[0] ?? '');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect
      .poll(() => page.getByRole('status').textContent(), SOON)
      .toContain('Your password is changed');
    expect(await login(user, OLD)).toBe('401 invalid_credentials');
    const body = { email: user.email, password: NEW, totp: recovery[1] };
    const { outcome } = await ask(gateway, { method: 'POST', path: '/api/auth/login', body });
    expect(outcome).toBe('passes');
    expect(wrongs).toEqual([]);
  });

  test('tells a wrong current password, and leaves no login behind when the new one is refused', async () => {
    const user = await aUser(platform.db, { password: OLD });
    const { page } = await visit('#change');
    await fieldOf(page, 'E-mail').fill(user.email);
    await fieldOf(page, 'Current password').fill('a wrong guess');
    await fieldOf(page, 'New password').fill('password12');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect.poll(() => errorsOf(page), SOON).toEqual(['The e-mail or the password is wrong.']);
    await fieldOf(page, 'Current password').fill(OLD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect.poll(() => errorsOf(page), SOON).toEqual([expect.stringContaining('too easy')]);
    await expect
      .poll(async () => {
        const { rows } = await platform.db.query(
          'SELECT id FROM sessions WHERE user_id = $1 AND id <> user_id AND ended_at IS NULL',
          [user.id],
        );
        return rows;
      }, SOON)
      .toEqual([]);
  });

  test('asks for a link, and says what the platform does about it', async () => {
    const { page, wrongs } = await visit();
    await fieldOf(page, 'E-mail').fill('ada@example.com');
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await expect
      .poll(() => page.getByRole('status').textContent(), SOON)
      .toContain('This installation sends no e-mail');
    expect(wrongs).toEqual([]);
  });

  test('fits 320 pixels, has a name for each field, and runs nothing but its own script', async () => {
    for (const fragment of ['#token=abc', '#forgot', '#change']) {
      const { page, wrongs } = await visit(fragment);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
      const fields = page.locator('input:visible');
      for (const field of await fields.all()) {
        expect(await field.evaluate((input) => 'labels' in input && input.labels)).toBeTruthy();
      }
      expect(wrongs).toEqual([]);
      await page.evaluate(
        `document.body.append(Object.assign(document.createElement('script'), {
          textContent: 'document.title = "taken over"' }))`,
      );
      expect(await page.title()).not.toBe('taken over');
      await page.close();
    }
  });
});
