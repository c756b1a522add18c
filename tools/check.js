// `npm run check`: types, lint, formatting, import directions, unused code; all of them, side by side.
import { spawn } from 'node:child_process';
import process from 'node:process';

const CHECKS = {
  types: ['tsc', '--noEmit'],
  lint: ['oxlint', '--type-aware', '--quiet'],
  format: ['oxfmt', '--check'],
  imports: ['node', 'tools/imports.js'],
  unused: ['knip', '--no-progress'],
};

/** Runs one check; resolves with its output and whether it passed. */
function run(name, [command, ...args]) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ name, ok: false, output: error.message, seconds: 0 }));
    child.on('close', (code) =>
      resolve({ name, ok: code === 0, output, seconds: (performance.now() - startedAt) / 1000 }),
    );
  });
}

const results = await Promise.all(
  Object.entries(CHECKS).map(([name, command]) => run(name, command)),
);
for (const { name, ok, output, seconds } of results) {
  console.log(`${ok ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
  if (!ok) console.log(output.trimEnd());
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
