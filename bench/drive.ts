import { drive, type LoadOptions } from './load.ts';

/** The load as a process of its own, so that its processor time is nobody else's. */
const options: LoadOptions = JSON.parse(process.argv[2] ?? '{}');
console.log(JSON.stringify(await drive(options)));
