import type { Figure } from '../bench.ts';

/** Takes figures down, and prints each at once: the whole takes minutes. */
export interface Notebook {
  readonly figures: Figure[];
  report(what: string, timing: Timing, remark?: string): void;
  reportOne(what: string, timing: Timing): void;
}

export interface Timing {
  readonly medianMs: number;
  readonly p99Ms: number;
}

const WARM_UP_ROUNDS = 50;
const PASSES = 3;

interface Timed {
  tookMs(): Promise<number>;
}

/**
 * Calls one after another, each timed at the daemon, after a few that only warm things up. Of three
 * passes the one with the least median counts: what else the machine does can only add to it.
 */
export async function time(
  rounds: number,
  daemon: Timed,
  call: () => Promise<void>,
): Promise<Timing> {
  await timeOnce(WARM_UP_ROUNDS, daemon, call);
  const passes: Timing[] = [];
  for (let pass = 0; pass < PASSES; pass += 1) passes.push(await timeOnce(rounds, daemon, call));
  return passes.reduce((best, pass) => (pass.medianMs < best.medianMs ? pass : best));
}

/** As `time`, in one pass without a warm-up: for what takes long, or changes something. */
export async function timeOnce(
  rounds: number,
  daemon: Timed,
  call: () => Promise<void>,
): Promise<Timing> {
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await call();
    tookMs.push(await daemon.tookMs());
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number) =>
    tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] ?? Number.NaN;
  return { medianMs: at(0.5), p99Ms: at(0.99) };
}

export function openNotebook(): Notebook {
  const figures: Figure[] = [];
  return {
    figures,
    report(what, { medianMs, p99Ms }, remark = '') {
      figures.push({ name: `${what}, median`, value: medianMs, unit: 'ms' });
      figures.push({ name: `${what}, p99`, value: p99Ms, unit: 'ms' });
      const line = `median ${medianMs.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms`;
      console.log(`  ${what.padEnd(46)} ${line}${remark === '' ? '' : `  ${remark}`}`);
    },
    reportOne(what, { medianMs }) {
      figures.push({ name: what, value: medianMs, unit: 'ms' });
      console.log(`  ${what.padEnd(46)} ${Math.round(medianMs)} ms`);
    },
  };
}
