import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys, showView, type ShownView } from '../../testing/render-view.ts';
import { width } from '../width.ts';
import { createFeed, type Feed } from './feed.ts';
import type { TailRow } from './tail-state.ts';
import { type TailItem, TailView } from './TailView.tsx';
import { createTheme } from './theme.ts';

let feed: Feed<TailItem>;
let view: ShownView;
let opened: string[];

beforeEach(async () => {
  feed = createFeed(1_000);
  opened = [];
  const loadTimeline = async (leadId: string) => {
    opened.push(leadId);
    return [
      { at: new Date('2026-03-01T12:00:00.123Z'), kind: 'received', detail: 'source=website' },
      {
        at: new Date('2026-03-01T12:00:01.004Z'),
        kind: 'delivery.delivered',
        detail: 'attempts=1',
      },
    ];
  };
  view = await showView(
    <TailView
      title="leads of acme"
      theme={createTheme(false)}
      nowMs={Date.now}
      {...{ feed, loadTimeline }}
    />,
  );
});

afterEach(() => view.close());

function push(n: number, given: Partial<TailRow> = {}): void {
  const row: TailRow = {
    id: `event-${n}`,
    leadId: `lead-${n}`,
    at: new Date(2026, 2, 1, 12, 0, n % 60),
    what: 'received',
    name: `Name${n}`,
    contact: `m***@acme.example`,
    source: 'website',
    status: 'new',
    search: `name${n} website new`,
    ...given,
  };
  feed.push({ kind: 'row', row });
}

/** What would make a terminal of that size wrap or scroll. */
function overflow(columns: number, rows: number): string[] {
  const lines = view.frame().split('\n');
  return [...lines.slice(rows - 1), ...lines.filter((line) => width(line) > columns)];
}

describe('TailView', () => {
  it('shows the newest at the bottom and the connection, within 80×24', async () => {
    feed.push({ kind: 'connection', connection: { kind: 'live' } });
    for (let n = 1; n <= 50; n += 1) push(n);
    await view.until('Name50');
    expect(overflow(80, 24)).toEqual([]);
    const lines = view.frame().split('\n');
    expect(lines[0]).toMatch(/^leads of acme +● live {2}50\/min · 50 of 50/);
    expect(lines[1]).toMatch(/^TIME {6}EVENT +NAME +CONTACT +SOURCE +STATUS/);
    expect(lines.at(-2)).toMatch(/^12:00:50 {2}received +Name50 +m\*\*\*@acme.exam/);
    expect(view.frame()).not.toContain('Name30 ');
  });

  it('filters with each key, keeps the filter on Enter and drops it on Escape', async () => {
    push(1, { name: 'Mia', search: 'mia facebook' });
    push(2, { name: 'Tom', search: 'tom website' });
    await view.until('Tom');
    for (const key of ['/', 'f', 'a', 'c', 'q']) await view.press(key);
    await view.until('Nothing matches');
    await view.press('\u007f');
    await view.until('Mia');
    expect(view.frame()).not.toContain('Tom');
    await view.press(keys.enter);
    expect(view.frame()).toContain('filter "fac"');
    await view.press(keys.escape);
    await view.until('Tom');
  });

  it('holds what comes while paused, and shows it afterwards', async () => {
    push(1);
    await view.until('Name1');
    await view.press('p');
    push(2);
    await view.until('paused, 1 held');
    expect(view.frame()).not.toContain('Name2');
    await view.press('p');
    await view.until('Name2');
  });

  it('opens the timeline of the lead under the cursor and comes back', async () => {
    for (let n = 1; n <= 3; n += 1) push(n);
    await view.until('Name3');
    await view.press(keys.up);
    await view.press(keys.enter);
    await view.until('delivery.delivered');
    expect(opened).toEqual(['lead-2']);
    expect(overflow(80, 24)).toEqual([]);
    await view.press(keys.escape);
    await view.until('TIME');
  });

  it('fits whatever size the terminal is given, wide characters included', async () => {
    for (let n = 1; n <= 60; n += 1) push(n, { name: '李小龙🐉李小龙', contact: 'é'.repeat(90) });
    feed.push({
      kind: 'connection',
      connection: { kind: 'waiting', why: 'the connection was lost '.repeat(9), retryInMs: 500 },
    });
    await view.until('reconnecting: the connection');
    for (const [columns, rows] of [
      [200, 50],
      [60, 10],
      [80, 24],
    ] as const) {
      await view.resize(columns, rows);
      // Frames come at their own pace.
      await expect.poll(() => overflow(columns, rows)).toEqual([]);
    }
  });
});
