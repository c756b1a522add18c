import { postLeads } from './load.ts';

const [url = '', apiKey = '', connections, durationMs] = process.argv.slice(2);
const report = await postLeads({
  url,
  apiKey,
  connections: Number(connections),
  durationMs: Number(durationMs),
});
console.log(JSON.stringify(report));
