import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PORT_OFFSETS } from '../bin/host/ports.ts';
import { startReceiver, type ReceivedSpan, type Receiver } from './otlp-receiver.ts';
import { ADMIN, startUp, workplace, type Platform, type Workplace } from './platform.ts';

const FOLDER = join(import.meta.dirname, '../deploy/observability');
const SOON = { timeout: 20_000 };
const TRACE = 'ab'.repeat(16);
/** Of the demo's destinations, one each. */
const KINDS = ['email', 'google_sheets', 'slack', 'webhook', 'whatsapp'];
const LEAD = { name: 'Wilhelmina', email: 'wilhelmina@example.org', phone: '+491512345678' };

let at: Workplace;
let receiver: Receiver;
let platform: Platform;
let answered: [number, string];

beforeAll(async () => {
  at = await workplace(9_100);
  receiver = await startReceiver();
  platform = await startUp(at, ['--separate'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    SENTRY_DSN: `${receiver.url.replace('http://', 'http://key@')}/7`,
  });
  const { gateway, demo } = platform.ready;
  const stored = await fetch(`${gateway}/api/leads/ingest`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': demo.api_key,
      traceparent: `00-${TRACE}-${'cd'.repeat(8)}-01`,
    },
    body: JSON.stringify(LEAD),
  });
  answered = [stored.status, stored.headers.get('traceparent') ?? ''];
});
afterAll(async () => {
  await platform?.stop();
  await receiver?.stop();
  await at?.remove();
});

const logLines = () =>
  readFileSync(join(at.dataDir, 'log/leadctl.log'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));

describe('one lead’s trace', () => {
  test('goes from the form’s post through the commit and the outbox to every provider’s call', async () => {
    expect(answered).toEqual([201, expect.stringContaining(TRACE)]);
    const mine = () => receiver.spans.filter(({ traceId }) => traceId === TRACE);
    const named = () =>
      mine()
        .map(({ service, name }) => `${service}: ${name}`)
        .toSorted();
    await expect
      .poll(named, SOON)
      .toEqual(
        [
          'leadctl-gateway: POST /api/leads/ingest',
          'leadctl-lead: POST /api/leads/ingest',
          'leadctl-lead: lead.store',
          ...Array.from(KINDS, () => 'leadctl-worker: delivery.lane'),
          ...KINDS.map((kind) => `leadctl-worker: ${kind} call`),
          ...Array.from(KINDS, () => 'leadctl-worker: lead.fan_out'),
        ].toSorted(),
      );
    const parentOf = (name: string) => {
      const child = mine().find((one) => name === `${one.service}: ${one.name}`);
      const parent = mine().find(({ spanId }) => spanId === child?.parentSpanId);
      return parent && `${parent.service}: ${parent.name}`;
    };
    expect(parentOf('leadctl-worker: whatsapp call')).toBe('leadctl-worker: delivery.lane');
    expect(parentOf('leadctl-worker: delivery.lane')).toBe('leadctl-lead: lead.store');
    expect(parentOf('leadctl-lead: lead.store')).toBe('leadctl-lead: POST /api/leads/ingest');
    expect(parentOf('leadctl-lead: POST /api/leads/ingest')).toBe(
      'leadctl-gateway: POST /api/leads/ingest',
    );
    const text = JSON.stringify(mine());
    for (const value of Object.values(LEAD)) expect(text).not.toContain(value);
  });
});

describe('the trace of a lead from Meta', () => {
  test('goes from the webhook through fetching and storing it to every provider’s call', async () => {
    const { sandbox } = platform.ready;
    const made = await fetch(`${sandbox}/_sandbox/meta/leads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        page_id: '200000000000001',
        form_id: '300000000000001',
        field_data: [{ name: 'email', values: ['mathilda@example.org'] }],
      }),
    });
    expect(made.status).toBe(201);
    const fetched = () => receiver.spans.find(({ name }) => name === 'meta.fetch');
    await expect.poll(fetched, SOON).toBeDefined();
    const mine = () => receiver.spans.filter(({ traceId }) => traceId === fetched()?.traceId);
    const tree = () => mine().map((span) => [nameOf(span), nameOf(parentOf(span))]);
    const nameOf = (span: ReceivedSpan | undefined) => span && `${span.service}: ${span.name}`;
    const parentOf = (child: ReceivedSpan) =>
      mine().find(({ spanId }) => spanId === child.parentSpanId);
    await expect.poll(tree, SOON).toEqual(
      expect.arrayContaining([
        ['leadctl-gateway: POST /webhook/meta', undefined],
        ['leadctl-webhook: POST /webhook/meta', 'leadctl-gateway: POST /webhook/meta'],
        ['leadctl-worker: meta.fetch', 'leadctl-webhook: POST /webhook/meta'],
        ['leadctl-worker: lead.store', 'leadctl-webhook: POST /webhook/meta'],
        ['leadctl-worker: delivery.lane', 'leadctl-worker: lead.store'],
        ['leadctl-worker: webhook call', 'leadctl-worker: delivery.lane'],
      ]),
    );
    expect(JSON.stringify(mine())).not.toContain('mathilda');
  });
});

describe('leads', () => {
  test('are counted by their source, also those of Meta and those that a person entered', async () => {
    const { gateway } = platform.ready;
    const post = (path: string, body: unknown, token = '') =>
      fetch(gateway + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const login = z
      .object({ access_token: z.string() })
      .parse(await (await post('/api/auth/login', ADMIN)).json());
    const lead = { name: 'Hildegard' };
    const entered = await post('/api/clients/acme/leads', lead, login.access_token);
    expect(entered.status).toBe(201);
    const counted = async () =>
      (await scrape()).flatMap((page) =>
        [
          ...page.matchAll(
            /^leads_ingested_total\{source="(\w+)",result="stored",service="(\w+)"\}/gm,
          ),
        ].map(([, source, service]) => `${service}: ${source}`),
      );
    await expect
      .poll(counted, SOON)
      .toEqual(expect.arrayContaining(['lead: website', 'lead: manual', 'worker: facebook']));
  });
});

describe('the log', () => {
  test('has one line of the request, by whoever answered it, and nothing of the person', async () => {
    const lines = () =>
      logLines().filter((line) => line['message'] === 'request' && line['trace_id'] === TRACE);
    await expect.poll(lines, SOON).toEqual([
      expect.objectContaining({
        level: 'info',
        service: 'lead',
        method: 'POST',
        route: '/api/leads/ingest',
        status: 201,
        client: 'acme',
        actor: 'api_key',
        request_id: expect.any(String),
        duration_ms: expect.any(Number),
      }),
    ]);
    const all = readFileSync(join(at.dataDir, 'log/leadctl.log'), 'utf8');
    for (const value of Object.values(LEAD)) expect(all).not.toContain(value);
  });

  test('has what the gateway refused by itself', async () => {
    await fetch(`${platform.ready.gateway}/api/clients/acme/leads`);
    const lines = () => logLines().filter(({ status }) => status === 401);
    await expect.poll(lines, SOON).toMatchObject([
      {
        service: 'gateway',
        route: '/api/clients/{client_id}/leads',
        client: 'acme',
        actor: 'unknown',
      },
    ]);
  });

  test('has the death of a daemon, and that it was started again', async () => {
    const [victim] = platform.ready.processes.filter(({ service }) => service === 'product');
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    const told = () =>
      logLines()
        .filter(({ about }) => about === 'product')
        .map(({ message, signal }) => [message, signal]);
    await expect.poll(told, SOON).toEqual([
      ['a daemon died', 'SIGKILL'],
      ['a daemon was started again', undefined],
    ]);
    const url = `http://127.0.0.1:${at.portBase + PORT_OFFSETS.product}/ready`;
    await expect
      .poll(
        () =>
          fetch(url).then(
            ({ ok }) => ok,
            () => false,
          ),
        SOON,
      )
      .toBe(true);
  });
});

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const dashboardSchema = z.object({
  panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })),
});

const alerts = () =>
  rulesSchema
    .parse(parse(readFileSync(join(FOLDER, 'alerts.yml'), 'utf8')))
    .groups.flatMap(({ rules }) => rules);
const panels = () =>
  readdirSync(join(FOLDER, 'grafana')).flatMap((name) =>
    dashboardSchema
      .parse(JSON.parse(readFileSync(join(FOLDER, 'grafana', name), 'utf8')))
      .panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  );

async function scrape(): Promise<string[]> {
  const services = Object.entries(PORT_OFFSETS);
  return Promise.all(
    services.map(async ([, offset]) => {
      const answer = await fetch(`http://127.0.0.1:${at.portBase + offset}/metrics`);
      expect(answer.status).toBe(200);
      return answer.text();
    }),
  );
}

describe('alerts and dashboards', () => {
  /** What no counter shows before it is counted for the first time, but is declared. */
  const declared = (pages: readonly string[]) =>
    new Set(
      pages
        .flatMap((page) => [...page.matchAll(/^# TYPE (\w+) (\w+)/gm)])
        .flatMap(([, name = '', type]) =>
          type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
        ),
    );
  const metricsOf = (expr: string) =>
    [
      ...expr
        .replaceAll(/\{[^}]*\}|"[^"]*"|by \([^)]*\)/g, '')
        .matchAll(/\b[a-z][a-z\d]*_[a-z_\d]+\b/g),
    ]
      .map(([name]) => name)
      .filter((name) => name !== 'histogram_quantile');

  test('ask for metrics that a running platform shows', async () => {
    const shown = declared(await scrape());
    const asked = [...alerts().map(({ expr }) => expr), ...panels()].flatMap(metricsOf);
    expect(asked.length).toBeGreaterThan(30);
    expect([...new Set(asked)].filter((name) => !shown.has(name))).toEqual([]);
  });

  test('have each their paragraph in the runbook, and it has no other', () => {
    const runbook = readFileSync(join(FOLDER, '../../docs/runbook.md'), 'utf8');
    const headings = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(alerts().map(({ alert }) => alert));
    for (const { alert, annotations } of alerts()) {
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    }
  });

  test('have no label whose values grow with clients or leads', async () => {
    const pages = await scrape();
    const labels = new Set(
      pages.flatMap((page) => [...page.matchAll(/[{,](\w+)="/g)]).map(([, name]) => name),
    );
    for (const name of ['client', 'client_id', 'lead', 'lane', 'path', 'email']) {
      expect(labels).not.toContain(name);
    }
    for (const page of pages) expect(page.split('\n').length).toBeLessThan(5_000);
  });

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  if (!hasPromtool) {
    process.stderr.write(
      '\nSKIPPED: promtool did not check rules, dashboards and metrics. Install it: apt-get install prometheus.\n',
    );
  }
  test.skipIf(!hasPromtool)('pass promtool', async () => {
    const promtool = (args: string[], input = '') => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
      // Names that prom-client gives to Node's own figures are not ours to mend.
      const said = `${stdout}${stderr}`.split('\n').filter((line) => !line.startsWith('nodejs_'));
      return status === 0 ? '' : said.join('\n').trim();
    };
    expect(promtool(['check', 'rules', join(FOLDER, 'alerts.yml')])).toBe('');
    const rules = panels().map((expr, index) => ({ record: `panel:${index}`, expr }));
    const file = join(at.dataDir, 'panels.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    expect(promtool(['check', 'rules', file])).toBe('');
    for (const page of await scrape()) expect(promtool(['check', 'metrics'], page)).toBe('');
  });
});
