import { expect, onTestFinished, test } from 'vitest';
import { findChromium, openBrowser } from './browser.ts';
import { startUp, workplace } from './platform.ts';

const executable = await findChromium();

test.skipIf(executable === undefined)(
  'the page of the API is searched, read and tried in a browser, which asks nobody else for anything',
  async () => {
    const at = await workplace(22_800);
    const platform = await startUp(at);
    onTestFinished(async () => {
      await platform.stop();
      await at.remove();
    });
    const browser = await openBrowser(executable ?? '');
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
    const asked: string[] = [];
    const wrong: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error') wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    const { gateway } = platform.ready;
    await page.goto(`${gateway}/docs`);
    await page.getByText('/api/auth/login', { exact: true }).first().waitFor();

    await page.locator('.operation-filter-input').fill('availability');
    const shown = page.locator('.opblock-summary');
    await expect.poll(() => shown.count()).toBe(1);
    expect(await shown.innerText()).toContain('availability');

    await page.locator('.operation-filter-input').fill('post auth/login');
    await expect
      .poll(async () => (await shown.allInnerTexts()).join())
      .toContain('/api/auth/login');
    await shown.first().click();
    const opened = page.locator('.opblock-body').first();
    await opened.waitFor();
    await expect.poll(() => opened.innerText()).toMatch(/invalid_credentials|401/);
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute', exact: true }).click();
    await page.locator('.live-responses-table').waitFor();
    expect(await page.locator('.live-responses-table').first().innerText()).toMatch(/4\d\d/);

    expect(
      asked.filter((url) => !url.startsWith(`${gateway}/`) && !url.startsWith('data:')),
    ).toEqual([]);
    // The refusal that was asked for is one of the network's, not of the page.
    expect(
      wrong.filter((text) => !/the server responded with a status of 4\d\d/.test(text)),
    ).toEqual([]);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(400);
  },
);
