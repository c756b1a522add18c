import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showView, type ShownView } from '../../testing/render-view.ts';
import { width } from '../width.ts';
import type { DashboardAction, DashboardData, LeadLine } from './dashboard-state.ts';
import { DashboardView } from './DashboardView.tsx';
import { createFeed, type Feed } from './feed.ts';
import { createTheme } from './theme.ts';

let feed: Feed<DashboardAction>;
let view: ShownView;
let asked: number;

beforeEach(async () => {
  feed = createFeed(1_000);
  asked = 0;
  const refresh = (): void => void (asked += 1);
  view = await showView(
    <DashboardView
      title="acme at leads.example"
      theme={createTheme(false)}
      {...{ feed, refresh }}
    />,
  );
});

afterEach(() => view.close());

const at = new Date(2026, 2, 1, 12, 0, 0);

const leadOf = (n: number, given: Partial<LeadLine> = {}): LeadLine => ({
  id: `lead-${String(n).padStart(4, '0')}`,
  at,
  name: `Name${n}`,
  contact: 'm***@acme.example',
  source: 'website',
  status: 'new',
  ...given,
});

const HELD =
  '190: The access token is no longer valid: make a permanent system-user token and set it with leadctl integration set';

const full: DashboardData = {
  at,
  perMinute: Array.from({ length: 60 }, (_none, minute) => minute),
  statuses: [
    'held',
    'failed',
    'unknown',
    'retrying',
    'pending',
    'delivering',
    'delivered, 24 h',
  ].map((status, count) => ({ status, count, weight: 'usual' })),
  lanes: [
    { name: 'whatsapp 1', waiting: 8, heldAt: new Date(at.getTime() - 90_000), why: HELD },
    { name: 'google_sheets s', waiting: 0, heldAt: undefined, why: undefined },
  ],
  services: [
    ...['access', 'auth', 'client', 'user', 'lead', 'product', 'integration', 'permission'].map(
      (name) => ({ name, isUp: true, detail: 'ok' }),
    ),
    { name: 'webhook', isUp: false, detail: 'connect ECONNREFUSED' },
  ],
  clients: undefined,
  newest: Array.from({ length: 60 }, (_none, n) => leadOf(60 - n)),
  problems: [],
};

/** What would make a terminal of that size wrap or scroll. */
function overflow(columns: number, rows: number): string[] {
  const lines = view.frame().split('\n');
  return [...lines.slice(rows - 1), ...lines.filter((line) => width(line) > columns)];
}

describe('DashboardView', () => {
  it('shows rate, states, why a lane is held, what is down and the newest leads at 80×24', async () => {
    feed.push({ kind: 'connection', connection: { kind: 'live' } });
    feed.push({ kind: 'data', data: full });
    await view.until('NEWEST');
    expect(overflow(80, 24)).toEqual([]);
    const frame = view.frame();
    expect(frame).toMatch(/^acme at leads.example +● live 12:00:00\n/);
    expect(frame).toContain('LEADS  59 in the last minute · 1770 in 60 minutes');
    expect(frame).toContain('✗ whatsapp 1  held 1m, 8 wait');
    expect(frame).toMatch(/set it with leadctl\n.* integration set\n/);
    expect(frame).toMatch(/delivered, 24 h +6\b/);
    expect(frame).toContain('✗ webhook  connect ECONNREFUSED');
    expect(frame).toContain('Name60');
    expect(frame).not.toContain('Name50');
  });

  it('says what is not to be seen, and why, instead of showing nothing as zero', async () => {
    const problems = ['deliveries: Role rep does not hold it'];
    feed.push({
      kind: 'data',
      data: { ...full, perMinute: [], statuses: [], lanes: undefined, problems },
    });
    await view.until('does not hold it');
    expect(view.frame()).toMatch(/LEADS {2}not to be seen/);
    expect(view.frame()).toMatch(/not to be seen +not to be seen/);
    expect(overflow(80, 24)).toEqual([]);
  });

  it('puts a lead that just came on top, and its later state in its place', async () => {
    feed.push({ kind: 'data', data: { ...full, newest: [leadOf(1)] } });
    await view.until('Name1');
    feed.push({ kind: 'lead', lead: leadOf(2) });
    feed.push({ kind: 'lead', lead: leadOf(1, { status: 'won' }) });
    await view.until('won');
    const lines = view.frame().split('\n');
    const places = ['Name2', 'Name1'].map((name) => lines.findIndex((line) => line.includes(name)));
    expect(places[1]).toBe((places[0] ?? NaN) + 1);
    expect(lines.filter((line) => line.includes('Name1'))).toHaveLength(1);
  });

  it('keeps the last numbers, and says why they are old, when none come', async () => {
    feed.push({ kind: 'data', data: full });
    feed.push({ kind: 'trouble', why: 'Cannot reach the gateway' });
    await view.until('○ as of 12:00:00: Cannot reach the gateway');
    expect(view.frame()).toContain('1770 in 60 minutes');
    feed.push({ kind: 'connection', connection: { kind: 'live' } });
    feed.push({ kind: 'data', data: full });
    await view.until('● live');
  });

  it('shows a line a client when none is chosen', async () => {
    const clients = Array.from({ length: 20 }, (_none, n) => ({
      clientId: `client-${n}`,
      lastMinute: n,
      lastHour: 10 * n,
      waiting: 0,
      failed: 0,
      held: n === 0 ? 3 : 0,
      problem: n === 0 ? HELD : '',
    }));
    feed.push({ kind: 'data', data: { ...full, clients } });
    await view.until('CLIENT');
    expect(overflow(80, 24)).toEqual([]);
    expect(view.frame()).toMatch(/client-0 +0 +0 +0 +0 +3 {2}190/);
    expect(view.frame()).toMatch(/… and \d+ more/);
    await view.resize(200, 50);
    await view.until('client-19');
  });

  it('asks anew on r, and fits whatever size the terminal is given', async () => {
    const wide = leadOf(99, { name: '李小龙🐉李小龙', contact: 'é'.repeat(90) });
    feed.push({ kind: 'data', data: { ...full, newest: [wide, ...full.newest] } });
    await view.until('NEWEST');
    await view.press('r');
    expect(asked).toBe(1);
    for (const [columns, rows] of [
      [200, 50],
      [60, 12],
      [40, 8],
      [30, 5],
      [80, 24],
    ] as const) {
      await view.resize(columns, rows);
      await expect.poll(() => overflow(columns, rows)).toEqual([]);
    }
  });
});
