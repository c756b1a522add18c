import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bench, Figure, Outcome } from './bench.ts';
import type { Budgets, Limit } from './budgets.ts';
import { ROOT } from './platform.ts';

const DIRECTORY = join(ROOT, 'bench/results');

const figureSchema = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  rounds: z.array(z.number()).optional(),
});
const resultSchema = z.object({
  bench: z.string(),
  what: z.string(),
  at: z.string(),
  figures: z.array(figureSchema),
  before: z.array(figureSchema).optional(),
});
type Result = z.output<typeof resultSchema>;

/** Figures of the last release by bench and name: bench/release.json, written by `--release`. */
const releaseSchema = z.record(z.string(), z.record(z.string(), z.number()));
export type Release = z.output<typeof releaseSchema>;
const RELEASE_FILE = join(ROOT, 'bench/release.json');

export async function keepResult({ name, what }: Bench, outcome: Outcome): Promise<void> {
  await mkdir(DIRECTORY, { recursive: true });
  const { figures, before, notes } = outcome;
  const at = new Date().toISOString();
  const result = {
    bench: name,
    what,
    at,
    figures: measured(figures),
    ...(before ? { before: measured(before) } : {}),
  };
  await writeFile(join(DIRECTORY, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  if (notes !== undefined) await writeFile(join(DIRECTORY, `${name}.txt`), `${notes}\n`);
}

/** Without what could not be measured here, such as pgbench where it is not installed. */
function measured(figures: readonly Figure[]): Figure[] {
  return figures
    .filter(({ value }) => Number.isFinite(value))
    .map((figure) => ({ ...figure, rounds: figure.rounds?.filter(Number.isFinite) }));
}

export async function readRelease(): Promise<Release> {
  return releaseSchema.parse(JSON.parse(await readFile(RELEASE_FILE, 'utf8')));
}

/** What was measured last becomes what later versions are held against. */
export async function writeRelease(): Promise<void> {
  const release = Object.fromEntries(
    (await readResults()).map(({ bench, figures }) => [
      bench,
      Object.fromEntries(figures.map(({ name, value }) => [name, Number(value.toPrecision(4))])),
    ]),
  );
  await writeFile(RELEASE_FILE, `${JSON.stringify(release, undefined, 2)}\n`);
}

async function readResults(): Promise<Result[]> {
  const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    names.map(async (name) =>
      resultSchema.parse(JSON.parse(await readFile(join(DIRECTORY, name), 'utf8'))),
    ),
  );
}

/** One page with a plot for each figure: now, the last release, and the budget as a line. */
export async function writePage(budgets: Budgets, release: Release): Promise<string> {
  const sections = (await readResults()).map(({ bench, what, at, figures, before }) => {
    const plots = figures.map((figure) =>
      plotOf(figure, budgets[bench]?.[figure.name], [
        ['now', figure.value],
        ['in turn with it', before?.find(({ name }) => name === figure.name)?.value],
        ['last release', release[bench]?.[figure.name]],
      ]),
    );
    return `<h2>${bench}</h2><p>${what}; ${at}</p>${plots.join('')}`;
  });
  const file = join(DIRECTORY, 'index.html');
  await writeFile(
    file,
    `<!doctype html><meta charset="utf-8"><title>leadctl: costs</title>
<style>body{font:14px system-ui;max-width:60em;margin:2em auto}svg{display:block;margin:.6em 0}</style>
<h1>Costs</h1><p>Bars are medians, dots the rounds, the line the budget. How to read them: bench/README.md.</p>
${sections.join('\n')}\n`,
  );
  return file;
}

type Bar = readonly [label: string, value: number | undefined];
const WIDTH = 560;
const LEFT = 240;
const ROW = 18;

function plotOf({ name, unit, rounds = [] }: Figure, limit: Limit | undefined, all: Bar[]): string {
  const bars = all.filter(([, value]) => value !== undefined);
  const line = limit?.most ?? limit?.least;
  const most = Math.max(...bars.map(([, value = 0]) => value), ...rounds, line ?? 0) || 1;
  const x = (value: number) => (LEFT + (value / most) * WIDTH).toFixed(1);
  const height = (bars.length + 1) * ROW;
  const rows = bars.map(([label, value = 0], index) => {
    const y = (index + 1) * ROW;
    const shade = index === 0 ? '#2a6fbb' : '#b7c6d6';
    const shown = `${Number(value.toPrecision(3))} ${unit}`;
    return `<text x="0" y="${y + 12}">${label}: ${shown}</text>
<rect x="${LEFT}" y="${y + 2}" height="12" width="${((value / most) * WIDTH).toFixed(1)}" fill="${shade}"/>`;
  });
  const dots = rounds.map((value) => `<circle cx="${x(value)}" cy="${ROW + 8}" r="2.5"/>`);
  const mark =
    line === undefined
      ? ''
      : `<path d="M${x(line)} ${ROW}V${height}" stroke="#c0392b" stroke-width="2"/>`;
  return `<svg width="${LEFT + WIDTH + 10}" height="${height + 4}"><text x="0" y="13" font-weight="600">${name}</text>${rows.join('')}${dots.join('')}${mark}</svg>`;
}
