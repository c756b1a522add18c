// Which folder may import from which: bin → daemons → lib, between daemons only contracts and jobs,
// the provider sandbox lib alone; and no files import one another in a circle, types included: what both
// need goes into a file of its own. Run by `npm run check`.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"](\.{1,2}\/[^'"]+)['"]/g;

/** The reason why `file` may not import `target` (both relative to the root), or undefined. */
export function violation(file, target) {
  const from = place(file);
  const to = place(target);
  if (isTestCode(file)) return undefined;
  if (from.area === 'lib' && to.area !== 'lib') return 'lib imports only lib';
  if (
    from.area === 'migrations' &&
    to.area !== 'lib' &&
    to.area !== 'migrations' &&
    target !== 'knexfile.ts'
  )
    return 'migrations import only lib';
  if (from.area === 'daemons' && to.area !== 'lib' && to.area !== 'daemons')
    return 'daemons import only lib and daemons';
  if (from.area === 'sandbox' && to.area !== 'lib' && to.area !== 'sandbox')
    return 'the sandbox imports only lib';
  if (from.area === 'daemons' && to.area === 'daemons' && from.part !== to.part)
    return mayCross(from.part, to)
      ? undefined
      : 'between daemons only contract.ts, and jobs.ts by the worker';
  if (to.area === 'test' || isTestCode(target)) return 'no test code outside tests';
  const isCommand =
    file.startsWith('bin/commands/') ||
    file.startsWith('bin/ui/') ||
    file.startsWith('bin/console/') ||
    file.startsWith('bin/client/');
  const isInside =
    to.area === 'migrations' ||
    target.startsWith('lib/db/') ||
    (to.area === 'daemons' && to.rest !== 'contract.ts') ||
    (to.area === 'sandbox' && target !== 'sandbox/contract.ts');
  if (isCommand && isInside)
    return 'commands and views reach the platform through the typed client only';
  return undefined;
}

function mayCross(part, to) {
  return to.rest === 'contract.ts' || (part === 'worker' && to.rest === 'jobs.ts');
}

function isTestCode(file) {
  return (
    /\.test\.tsx?$/.test(file) || /(^|\/)testing(\/|\.ts$)/.test(file) || file.startsWith('test/')
  );
}

function place(file) {
  const [area = '', part = '', ...rest] = file.split('/');
  return { area, part, rest: rest.join('/') };
}

/** What each of these files imports, by file; paths are relative to the root. */
function readImports(root, files) {
  const targetsOf = (file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(IMPORT)].map(([, specifier = '']) =>
      path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)),
    );
  return new Map(files.map((file) => [file, targetsOf(file)]));
}

/** `file → target: reason` for every import that breaks a rule. */
function violations(imports) {
  return [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) => {
      const reason = violation(file, target);
      return reason === undefined ? [] : [`${file} → ${target}: ${reason}`];
    }),
  );
}

/** `a → b → a` for imports that lead back to where they began; one for each place where that is noticed. */
function circles(imports) {
  const found = [];
  const done = new Set();
  const visit = (file, trail) => {
    const at = trail.indexOf(file);
    if (at !== -1) found.push([...trail.slice(at), file].join(' → '));
    if (at !== -1 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

/** Imports that must be refused: a rule that lets one of them pass has stopped working. */
export const CANARIES = [
  ['lib/core/errors.ts', 'daemons/lead/contract.ts'],
  ['daemons/lead/service.ts', 'daemons/auth/service.ts'],
  ['daemons/lead/service.ts', 'daemons/integration/jobs.ts'],
  ['daemons/lead/service.ts', 'bin/io.ts'],
  ['bin/commands/lead/index.ts', 'lib/db/database.ts'],
  ['bin/commands/lead/index.ts', 'daemons/lead/store.ts'],
  ['bin/commands/sandbox/index.ts', 'sandbox/state.ts'],
  ['daemons/integration/sending/sheets.ts', 'sandbox/state.ts'],
  ['sandbox/daemon.ts', 'daemons/integration/contract.ts'],
  ['lib/core/errors.ts', 'lib/testing/database.ts'],
];

const CIRCLE = new Map([
  ['a.ts', ['b.ts', 'd.ts']],
  ['b.ts', ['c.ts', 'd.ts']],
  ['c.ts', ['a.ts']],
  ['d.ts', []],
]);

export function checkImports(root) {
  const files = globSync('{bin,daemons,lib,migrations,sandbox,bench,tools}/**/*.{ts,tsx}', {
    cwd: root,
  });
  const dead = CANARIES.filter(([file, target]) => violation(file, target) === undefined);
  const imports = readImports(root, files);
  return [
    ...violations(imports),
    ...circles(imports).map((circle) => `a circle: ${circle}`),
    ...dead.map(([file, target]) => `canary lives: ${file} → ${target} is no longer refused`),
    ...(circles(CIRCLE).length === 1 ? [] : ['canary lives: a circle of three is no longer found']),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = checkImports(process.cwd());
  for (const line of found) console.error(line);
  console.log(
    found.length === 0 ? 'imports go the right way' : `${found.length} imports go the wrong way`,
  );
  process.exitCode = found.length === 0 ? 0 : 1;
}
