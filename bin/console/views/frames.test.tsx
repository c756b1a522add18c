import { afterEach, expect, test } from 'vitest';
import { showView, type ShownView } from '../../testing/render-view.ts';
import { createTheme } from '../../ui/views/theme.ts';
import { width } from '../../ui/width.ts';
import { allResources } from '../resources/index.ts';
import { recordedGateway } from '../testing/recorded.ts';
import { Console } from './Console.tsx';

let view: ShownView;
afterEach(() => view.close());

const SIZES = [
  [80, 24],
  [200, 50],
] as const;
const resources = allResources();

async function open(columns: number, rows: number): Promise<void> {
  const { now, gateway } = await recordedGateway();
  view = await showView(
    <Console
      source={{
        gateway,
        now: () => now,
        rightsIn: async () => () => true,
        describe: String,
        follow: async (_client, on) => on.state('live'),
      }}
      client="acme"
      resources={resources}
      reveal={false}
      theme={createTheme(false)}
      copy={() => undefined}
    />,
  );
  await view.resize(columns, rows);
}

/** As the file has it: what is on the screen, without the blanks at the ends of its lines. */
function frame(): string {
  const lines = view.frame().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const cases = resources.flatMap(({ name, title }) =>
  SIZES.map(([columns, rows]) => ({ name, title, columns, rows })),
);

test.each(cases)('$name at $columns×$rows', async ({ name, title, columns, rows }) => {
  await open(columns, rows);
  await view.press(`:${name}\r`);
  await view.until(`${title} (`);
  const shown = frame();
  for (const line of shown.split('\n')) expect(width(line)).toBeLessThanOrEqual(columns);
  await expect(shown).toMatchFileSnapshot(`frames/${name}-${columns}x${rows}.txt`);
});

test.each([
  ['menu', 'a', '1  Test it'],
  ['form', 'a3', 'Ctrl-S do it'],
  ['detail', 'd', 'NAME'],
  ['help', '?', 'Help'],
])('%s of a destination', async (what, pressed, shows) => {
  await open(80, 24);
  await view.press(':destinations\r');
  await view.until('Destinations (5)');
  for (const key of pressed) await view.press(key);
  await view.until(shows);
  await expect(frame()).toMatchFileSnapshot(`frames/${what}-80x24.txt`);
});
