// `npm run bench -- ingest`: builds, then runs the benches that are named, or all of bench/.
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { refresh } from './build.js';

const root = path.dirname(import.meta.dirname);
const built = await refresh(root);
if (!built.ok) throw new Error(built.problem);
const { main } = await import(pathToFileURL(path.join(root, 'dist/bench/run.js')).href);
process.exitCode = await main(process.argv.slice(2));
