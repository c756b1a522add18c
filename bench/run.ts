import { parseArgs } from 'node:util';
import type { Bench, Figure, Outcome } from './bench.ts';
import { bench as cli } from './cli.ts';
import { bench as decisions } from './decisions.ts';
import { bench as idle } from './idle.ts';
import { bench as read } from './read.ts';
import { bench as start } from './start.ts';
import { exceeded, readBudgets } from './budgets.ts';
import { bench as hierarchy } from './hierarchy.ts';
import { bench as ingest } from './ingest.ts';
import { bench as apply } from './apply.ts';
import { bench as deliveries } from './deliveries.ts';
import { bench as importing } from './import.ts';
import { bench as separate } from './separate.ts';
import { bench as soak } from './soak.ts';
import { bench as tail } from './tail.ts';
import { bench as webhook } from './webhook.ts';
import { keepResult, readRelease, writePage, writeRelease } from './results.ts';

const BENCHES: readonly Bench[] = [
  ingest,
  separate,
  read,
  decisions,
  idle,
  start,
  tail,
  webhook,
  deliveries,
  importing,
  apply,
  hierarchy,
  cli,
  soak,
];

const USAGE = `npm run bench -- [NAME...] [--against DIRECTORY] [--profile] [--release]
Benches: ${BENCHES.map(({ name }) => name).join(' ')}; all of them unless named.
`;

/** Runs benches, one after the other; 1 when a budget is exceeded, 2 for a name that is none. */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      against: { type: 'string' },
      profile: { type: 'boolean', default: false },
      release: { type: 'boolean', default: false },
    },
  });
  const chosen = BENCHES.filter(({ name }) => positionals.includes(name));
  if (positionals.length > 0 && chosen.length < new Set(positionals).size) {
    console.error(USAGE);
    return 2;
  }
  const [budgets, release] = await Promise.all([readBudgets(), readRelease()]);
  let isOver = false;
  for (const bench of positionals.length === 0 ? BENCHES : chosen) {
    console.log(`${bench.name}: ${bench.what}`);
    const outcome = await bench.run({ against: values.against, profile: values.profile });
    await keepResult(bench, outcome);
    print(outcome, release[bench.name]);
    for (const line of exceeded(outcome.figures, budgets[bench.name] ?? {})) {
      isOver = true;
      console.log(`  OVER BUDGET: ${line}`);
    }
  }
  if (values.release) await writeRelease();
  console.log(`plots: ${await writePage(budgets, release)}`);
  return isOver ? 1 : 0;
}

function print({ figures, before, notes }: Outcome, release: Record<string, number> = {}): void {
  for (const figure of figures) {
    const other = before?.find(({ name }) => name === figure.name);
    const columns = [
      figure.name.padEnd(26),
      shown(figure.value, figure.unit).padStart(12),
      other === undefined
        ? ''
        : `before ${shown(other.value, other.unit)}${pairedGain(figure, other)}`,
      release[figure.name] === undefined ? '' : `last release ${release[figure.name]}`,
      figure.rounds === undefined ? '' : `rounds ${figure.rounds.map(short).join(' ')}`,
    ];
    console.log(`  ${columns.filter((text) => text !== '').join('  ')}`);
  }
  if (notes !== undefined) console.log(notes);
}

/** By how much it changed in the same round, the median of the rounds. */
function pairedGain({ rounds = [] }: Figure, { rounds: others = [] }: Figure): string {
  const factors = rounds.map((value, index) => value / (others[index] ?? Number.NaN));
  const middle = factors.toSorted((a, b) => a - b)[Math.floor(factors.length / 2)];
  return middle === undefined ? '' : ` (×${middle.toFixed(2)})`;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
const shown = (value: number, unit: string): string => `${short(value)} ${unit}`.trimEnd();
