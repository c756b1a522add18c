import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { keys, showView, type ShownView } from '../../testing/render-view.ts';
import { createTheme } from '../../ui/views/theme.ts';
import { width } from '../../ui/width.ts';
import { confirmation, formFor } from '../form.ts';
import { defineResource, type Resource } from '../resource.ts';
import { Console } from './Console.tsx';
import type { ConsoleSource } from './use-console-data.ts';

interface Thing {
  readonly id: string;
  readonly name: string;
  readonly depth: number;
}

let view: ShownView;
let things: Thing[];
let broken: boolean;
let mayWrite: boolean;
/** Until then nobody knows what the person may do. */
let rightsCome: Promise<void>;
let copied: string[];
let told: (() => void) | undefined;

const thing = (n: number, depth = 0): Thing => ({
  id: `01a20e95-0000-7000-8000-00000000000${n}`,
  name: `Thing${n}`,
  depth,
});

const listed: Resource = defineResource<Thing>({
  name: 'leads',
  aliases: ['lead'],
  title: 'Things',
  summary: 'what there is',
  isOfClient: true,
  isLive: true,
  kind: 'tree',
  needs: ['GET', '/things'],
  columns: [
    { header: 'NAME', value: (row) => row.name, keep: true },
    { header: 'ID', value: (row) => row.id, id: true },
  ],
  mask: (row) => ({ ...row, name: `${row.name.charAt(0)}***${row.id.at(-1)}` }),
  id: ({ id }) => id,
  depth: ({ depth }) => depth,
  load: async () => {
    if (broken) throw new Error('the gateway is away');
    return { items: things, more: false };
  },
  detail: async () => [{ name: 'Belongs', text: 'to the detail' }],
  create: () => [
    {
      label: 'Create a thing',
      needs: ['POST', '/things'],
      form: () =>
        formFor({
          title: 'A new thing',
          schema: z.strictObject({
            name: z.string().min(3, 'is too short'),
            kind: z.enum(['red', 'blue']),
          }),
          ask: { name: {}, kind: {} },
          command: (values) => `leadctl thing create ${values['name'] ?? ''}`,
          submit: async ({ name }) => {
            if (name === 'taken') throw new Error('It is there already');
            things.push({ ...thing(9), name });
            return `Created ${name}\nsecret-shown-once`;
          },
        }),
    },
  ],
  actions: (_env, { id }) => [
    {
      label: 'Remove',
      severe: true,
      needs: ['DELETE', '/things'],
      form: () =>
        confirmation({
          title: 'Remove it?',
          command: `leadctl thing rm ${id}`,
          submit: async () => {
            things = things.filter((one) => one.id !== id);
            return 'Removed it';
          },
        }),
    },
  ],
});
const home: Resource = { ...listed, name: 'home', aliases: [], title: 'Start', isLive: false };
const clients: Resource = {
  ...listed,
  name: 'clients',
  aliases: [],
  title: 'Clients',
  isOfClient: false,
};

beforeEach(() => {
  things = [thing(1), thing(2, 1), thing(3)];
  broken = false;
  mayWrite = true;
  rightsCome = Promise.resolve();
  copied = [];
});
afterEach(() => view.close());

async function open(client: string | null = 'acme'): Promise<void> {
  const source: ConsoleSource = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the resources of this test ask no gateway
    gateway: {} as ConsoleSource['gateway'],
    now: () => new Date(),
    rightsIn: async () => {
      await rightsCome;
      return (method) => method === 'GET' || mayWrite;
    },
    describe: (error) => (error instanceof Error ? error.message : ''),
    follow: async (_client, on) => {
      told = on.event;
      on.state('live');
    },
  };
  view = await showView(
    <Console
      source={source}
      client={client ?? undefined}
      resources={[home, listed, clients]}
      reveal={false}
      theme={createTheme(false)}
      copy={(text) => copied.push(text)}
    />,
  );
}

test('goes anywhere by name, masks until it is told, filters as one types', async () => {
  await open();
  await view.press(':lead');
  await view.press(keys.enter);
  await view.until('acme ▸ Things (3)');
  await view.until('T***1');
  expect(view.frame()).toContain('● live');
  await view.press('m');
  await view.until('Thing1');
  await view.press('/thing3');
  await view.press(keys.enter);
  expect(view.frame()).not.toContain('Thing1');
  await view.press(keys.escape);
  await view.until('Thing1');
  await view.press(':nowhere');
  await view.press(keys.enter);
  await view.until("no view 'nowhere'");
});

test('keys that come in one piece are each taken', async () => {
  await open();
  await view.press(':leads\r');
  await view.until('acme ▸ Things (3)');
  expect(view.frame()).not.toContain(':leads');
});

test('without a client it begins with the clients, and says so when one is needed', async () => {
  await open(null);
  await view.until('Clients (3)');
  await view.press(':leads\r');
  await view.until('Choose a client first');
  await view.press(':client other\r');
  await view.until('Start');
  expect(view.frame()).toContain('other ▸');
});

test('opens a detail, folds a tree, copies an id, comes back', async () => {
  await open();
  await view.press(':leads\r');
  await view.until('T***2');
  await view.press('\u001b[D');
  await view.until('▸ T***1');
  expect(view.frame()).not.toContain('T***2');
  await view.press('y');
  expect(copied).toEqual([thing(1).id]);
  await view.press(keys.enter);
  await view.until('to the detail');
  await view.press(keys.escape);
  await view.until('Things (3)');
});

test('a form says what is wrong while it is typed, shows the command, and stays when it is refused', async () => {
  await open();
  await view.press(':leads\r');
  await view.until('T***1');
  await view.press('a');
  await view.until('Create a thing');
  await view.press('2');
  await view.until('A new thing');
  await view.press('ab');
  await view.until('is too short');
  await view.press('\u0013');
  await view.until('must be given');
  await view.press('\u007f\u007ftaken');
  await view.press(keys.down);
  await view.press('b');
  await view.until('‹ blue ›');
  expect(view.frame()).toContain('$ leadctl thing create taken');
  await view.press('\u0013');
  await view.until('It is there already');
  await view.press(keys.up);
  await view.press('\u007f\u007f\u007f\u007f\u007ffresh\u0013');
  await view.press('\u0013');
  await view.until('secret-shown-once');
  await view.press(keys.escape);
  await view.until('Things (4)');
});

test('who may only read is offered nothing', async () => {
  mayWrite = false;
  await open();
  await view.press(':leads\r');
  await view.until('T***1');
  await view.press('a');
  await view.until('you may only read');
  expect(view.frame()).not.toContain('Create a thing');
});

test('before it is known what one may do, nobody is told that they may only read', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  rightsCome = promise;
  await open();
  await view.press(':leads\r');
  await view.until('T***1');
  await view.press('a');
  await view.until('Asking what you may do');
  resolve();
  await expect
    .poll(async () => {
      await view.press('a');
      return view.frame();
    })
    .toContain('Create a thing');
});

test('a gateway that is away is said, and what was there stays', async () => {
  await open();
  await view.press(':leads\r');
  await view.until('T***1');
  broken = true;
  await view.press('r');
  await view.until('the gateway is away');
  expect(view.frame()).toContain('T***1');
  broken = false;
  await view.press('r');
  await view.until('● live');
});

test('what happens is read anew without a key', async () => {
  await open();
  await view.press(':leads\r');
  await view.until('Things (3)');
  things = [...things, thing(4)];
  told?.();
  await expect.poll(() => view.frame(), { timeout: 5_000 }).toContain('Things (4)');
});

test.each([
  [80, 24],
  [200, 50],
  [40, 12],
])('has room in %i×%i, whatever is on the screen', async (columns, rows) => {
  things = Array.from({ length: 100 }, (_none, n) => ({
    id: `01a20e95-0000-7000-8000-${String(n).padStart(12, '0')}`,
    name: `山田太郎 ${'x'.repeat(n)}`,
    depth: 0,
  }));
  await open();
  await view.resize(columns, rows);
  for (const press of [':leads\r', 'G', '\r', '\u001b', 'a', '\r', '\u001b', '\u001b', '?']) {
    await view.press(press);
    const lines = view.frame().split('\n');
    expect(lines.length).toBeLessThan(rows);
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
  }
});
