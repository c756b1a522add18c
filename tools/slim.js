// `node tools/slim.js FOLDER`: takes out of an installed node_modules what no daemon loads, for the
// container image: all of Google's APIs but Sheets, and what only people and compilers read.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const APIS = 'googleapis/build/src/apis';
const KEPT_APIS = new Set(['sheets']);
const FOR_COMPILERS = /\.(?:d\.[cm]?ts|map|flow|tsbuildinfo)$/;
const FOR_PEOPLE =
  /^(?:readme|changelog|changes|history|contributing|security)(?:\.(?:md|markdown|txt|rst))?$/i;

export function slim(folder) {
  const apis = path.join(folder, APIS);
  for (const entry of fs.existsSync(apis) ? fs.readdirSync(apis, { withFileTypes: true }) : []) {
    if (entry.isDirectory() && !KEPT_APIS.has(entry.name)) remove(path.join(apis, entry.name));
  }
  thin(folder);
}

function thin(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) {
      thin(at);
      if (fs.readdirSync(at).length === 0) fs.rmdirSync(at);
    } else if (FOR_COMPILERS.test(entry.name) || FOR_PEOPLE.test(entry.name)) remove(at);
  }
}

function remove(at) {
  fs.rmSync(at, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined || path.basename(folder) !== 'node_modules') {
    process.stderr.write('Usage: node tools/slim.js FOLDER/node_modules\n');
    process.exit(2);
  }
  slim(folder);
}
