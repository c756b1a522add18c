import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  accessToken,
  getJson,
  leadctl,
  startUp,
  workplace,
  type Platform,
  type Workplace,
} from './platform.ts';

/** Both shapes: every daemon in one process, and one process a daemon. */
describe.each([
  ['in one process', 21_000, []],
  ['one process a service', 21_200, ['--separate']],
])('the main job, %s', (shape, portBase, flags) => {
  let at: Workplace;
  let platform: Platform;

  beforeAll(async () => {
    at = await workplace(portBase);
    platform = await startUp(at, flags);
  });
  afterAll(async () => {
    await platform.stop();
    await at.remove();
  });

  const postLead = (lead: unknown) =>
    fetch(`${platform.ready.gateway}/api/leads/ingest`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': platform.ready.demo.api_key,
      },
      body: JSON.stringify(lead),
    });

  test('a posted lead is in the sheet and among the messages within two seconds', async () => {
    const name = `Ada ${shape} =1+1 🚀`;
    const postedAt = performance.now();
    const response = await postLead({ name, email: 'ada@example.com', phone: '+4930901820' });
    expect(response.status).toBe(201);
    const { sandbox } = platform.ready;
    await expect
      .poll(
        async () => {
          const sheet = JSON.stringify(await getJson(`${sandbox}/_sandbox/sheets/acme-leads`));
          const messages = JSON.stringify(await getJson(`${sandbox}/_sandbox/whatsapp/messages`));
          return [
            sheet.includes(name),
            messages.includes('+4930901820'),
            messages.includes('new_lead'),
          ];
        },
        { timeout: 10_000, interval: 20 },
      )
      .toEqual([true, true, true]);
    expect(performance.now() - postedAt).toBeLessThan(2_000);
  });

  test('and is posted to the webhook, signed, mailed, and told in Slack', async () => {
    const name = `Everywhere ${shape}`;
    expect((await postLead({ name, phone: '+4930901822' })).status).toBe(201);
    const { sandbox } = platform.ready;
    const hooks = z.object({
      data: z.array(z.object({ verified: z.boolean().nullable(), body: z.string() })),
    });
    await expect
      .poll(
        async () => {
          const { data } = hooks.parse(await getJson(`${sandbox}/_sandbox/hooks?name=crm`));
          const mail = JSON.stringify(await getJson(`${sandbox}/_sandbox/mail`));
          const slack = JSON.stringify(await getJson(`${sandbox}/_sandbox/slack/messages`));
          return [
            data.some(({ verified, body }) => verified && body.includes(name)),
            mail.includes(name),
            slack.includes(name),
          ];
        },
        { timeout: 10_000, interval: 50 },
      )
      .toEqual([true, true, true]);
  });

  test('the operator sees the lead and its whole story', async () => {
    const response = await postLead({ name: 'Story', phone: '+4930901821' });
    const { id } = z.object({ id: z.string() }).parse(await response.json());
    const token = await accessToken(platform.ready.gateway);
    const env = {
      LEADCTL_URL: platform.ready.gateway,
      LEADCTL_TOKEN: token,
      LEADCTL_CLIENT: 'acme',
    };
    await expect
      .poll(
        async () => {
          const timeline = await fetch(
            `${platform.ready.gateway}/api/clients/acme/leads/${id}/timeline`,
            { headers: { authorization: `Bearer ${token}` } },
          );
          return JSON.stringify(await timeline.json());
        },
        { timeout: 5_000 },
      )
      .toMatch(/delivered.*delivered/);
    const listed = await leadctl(['lead', 'ls', '-o', 'json'], { env });
    expect(listed.code).toBe(0);
    expect(listed.out).toContain(id);
  });

  test('a lead from a Meta form comes in by webhook and goes the same way', async () => {
    const { sandbox, gateway } = platform.ready;
    const { leadgen_id } = await getJson(`${sandbox}/_sandbox/meta/leads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        page_id: '200000000000001',
        form_id: '300000000000001',
        field_data: [
          { name: 'full_name', values: ['Meta Lead'] },
          { name: 'phone_number', values: ['+4930901822'] },
        ],
        notify: true,
        copies: 3,
      }),
    });
    const headers = { authorization: `Bearer ${await accessToken(gateway)}` };
    await expect
      .poll(
        async () => {
          const { data } = await getJson(`${gateway}/api/clients/acme/leads?source=facebook`, {
            headers,
          });
          const sheet = JSON.stringify(await getJson(`${sandbox}/_sandbox/sheets/acme-leads`));
          return [data, sheet.split('Meta Lead').length - 1];
        },
        { timeout: 10_000 },
      )
      .toMatchObject([[{ name: 'Meta Lead', lead_reference_id: leadgen_id }], 1]);
  });

  test('every service is ready and tells of itself', async () => {
    expect(platform.ready.services).toHaveLength(12);
    const pids = new Set(platform.ready.processes.map(({ pid }) => pid));
    expect(pids.size).toBe(flags.length === 0 ? 1 : 12);
    for (let offset = 0; offset <= 10; offset += 1) {
      const base = `http://127.0.0.1:${at.portBase + offset}`;
      expect(await getJson(`${base}/health`)).toMatchObject({ status: 'ok' });
      expect((await fetch(`${base}/ready`)).status).toBe(200);
    }
  });

  test('a daemon called around the gateway answers 401', async () => {
    for (let offset = 1; offset <= 9; offset += 1) {
      const response = await fetch(`http://127.0.0.1:${at.portBase + offset}/leads/ingest`, {
        method: 'POST',
        headers: { 'x-api-key': platform.ready.demo.api_key },
      });
      expect(response.status).toBe(401);
    }
  });

  test('a second start on the same directory says who holds it', async () => {
    const second = await leadctl([
      'up',
      '--data-dir',
      at.dataDir,
      '--port-base',
      String(at.portBase + 500),
    ]);
    expect(second.code).toBe(1);
    expect(second.err).toContain(String(platform.process.pid));
    expect(second.err).toContain(platform.ready.gateway);
  });

  test('stops within ten seconds and exits with 0', async () => {
    const { code, tookMs } = await platform.stop('SIGTERM');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(10_000);
  });
});
