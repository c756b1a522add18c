import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../lib/postgres/embedded.ts';
import { migrateWithOnePassword } from './harness.ts';
import { LEADS, loadFixture, MEMBERS } from './hierarchy/fixture.ts';
import { measureLeads } from './hierarchy/leads.ts';
import { measurePeople } from './hierarchy/people.ts';

/** Who may see what, and how fast, in a client of 100 000 members. Prints figures, judges nothing. */
export async function main(): Promise<number> {
  const dataDir = join(tmpdir(), `leadctl-bench-hierarchy-${process.pid}`);
  const server = await startEmbeddedPostgres({ dataDir, durable: true });
  try {
    await migrateWithOnePassword(server.url);
    console.log(`Loading ${MEMBERS} members and ${LEADS} leads …`);
    const fixture = await loadFixture(server.url);
    try {
      await measureLeads(server.url, fixture);
      await measurePeople(server.url, fixture);
    } finally {
      await fixture.stop();
    }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  return 0;
}

// Also straight from the source tree: `node bench/hierarchy.ts`.
if (import.meta.main) process.exitCode = await main();
