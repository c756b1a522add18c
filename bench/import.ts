import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { cpuOf } from './cpu.ts';
import { withScratch } from './pgbench.ts';
import { withPlatform, ROOT, type Platform } from './platform.ts';
import { ofRounds } from './sides.ts';

const ROWS = Number(process.env['BENCH_ROWS'] ?? 30_000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const PORT_BASE = 18_700;

/** Rows of a CSV file through the command line, the gateway and its ordinary limits. */
export const bench: Bench = {
  name: 'import',
  what: `leadctl lead import of ${ROWS} rows`,
  run: () =>
    withScratch((scratch) =>
      withPlatform({ root: ROOT, portBase: PORT_BASE }, async (platform) => {
        const rates: number[] = [];
        const costs: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const file = join(scratch, `leads-${round}.csv`);
          await writeFile(file, rowsOf(round));
          const [before, startedMs] = [used(platform), performance.now()];
          await runImport(platform, file, scratch);
          rates.push(ROWS / ((performance.now() - startedMs) / 1_000));
          costs.push((used(platform) - before) / ROWS);
        }
        return {
          figures: [ofRounds('rate', '/s', rates), ofRounds('cpu_of_servers', 'µs', costs)],
        };
      }),
    ),
};

const used = ({ pid, postmaster }: Platform): number => cpuOf(pid) + cpuOf(postmaster);

function rowsOf(round: number): string {
  const rows = Array.from({ length: ROWS }, (_none, n) => {
    const number = round * ROWS + n;
    return `Ada Lovelace ${number},ada.${number}@example.com,+1415${2_000_000 + number},Call me`;
  });
  return `name,email,phone,message\n${rows.join('\n')}\n`;
}

async function runImport(platform: Platform, file: string, directory: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin/leadctl'), 'lead', 'import', file, '-o', 'json'],
    {
      env: {
        ...process.env,
        LEADCTL_CONFIG_DIR: directory,
        LEADCTL_URL: platform.url,
        LEADCTL_API_KEY: platform.apiKey,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`leadctl lead import ended with ${child.exitCode}`);
}
