import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Figure } from './bench.ts';
import { ROOT } from './platform.ts';

const limit = z.strictObject({ most: z.number().optional(), least: z.number().optional() });
const budgetsSchema = z.record(z.string(), z.record(z.string(), limit));

export type Budgets = z.output<typeof budgetsSchema>;
export type Limit = z.output<typeof limit>;

/** What each figure may cost, by bench and figure: bench/budgets.json. */
export async function readBudgets(): Promise<Budgets> {
  return budgetsSchema.parse(JSON.parse(await readFile(join(ROOT, 'bench/budgets.json'), 'utf8')));
}

/** The figures that break their budget, each in a line. A figure that is missing breaks it as well. */
export function exceeded(
  figures: readonly Figure[],
  budgets: Readonly<Record<string, Limit>>,
): string[] {
  return Object.entries(budgets).flatMap(([name, { most, least }]) => {
    const figure = figures.find((one) => one.name === name);
    if (figure === undefined) return [`${name} was not measured`];
    const { value, unit } = figure;
    const shown = `${name} is ${Number(value.toPrecision(3))} ${unit}`.trimEnd();
    if (most !== undefined && !(value <= most)) return [`${shown}; at most ${most} is allowed`];
    if (least !== undefined && !(value >= least)) return [`${shown}; at least ${least} is wanted`];
    return [];
  });
}
