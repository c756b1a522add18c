// `npm run bench -- ingest`: builds, then runs one of bench/*.ts that has a `main`.
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { refresh } from './build.js';

const root = path.dirname(import.meta.dirname);
const name = process.argv[2] ?? 'ingest';
const built = await refresh(root);
if (!built.ok) throw new Error(built.problem);
const { main } = await import(pathToFileURL(path.join(root, 'dist/bench', `${name}.js`)).href);
process.exitCode = await main();
