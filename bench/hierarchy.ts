import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../lib/postgres/embedded.ts';
import type { Bench } from './bench.ts';
import { migrateWithOnePassword } from './harness.ts';
import { LEADS, loadFixture, MEMBERS } from './hierarchy/fixture.ts';
import { measureLeads } from './hierarchy/leads.ts';
import { measurePeople } from './hierarchy/people.ts';
import { openNotebook } from './hierarchy/timing.ts';

/** Who may see what, and how fast, in a client of 100 000 members. */
export const bench: Bench = {
  name: 'hierarchy',
  what: `Lists and moves in one client of ${MEMBERS} members and ${LEADS} leads`,
  async run() {
    const dataDir = join(tmpdir(), `leadctl-bench-hierarchy-${process.pid}`);
    const server = await startEmbeddedPostgres({ dataDir, durable: true });
    try {
      await migrateWithOnePassword(server.url);
      const notebook = openNotebook();
      const fixture = await loadFixture(server.url);
      try {
        await measureLeads(server.url, fixture, notebook);
        await measurePeople(server.url, fixture, notebook);
      } finally {
        await fixture.stop();
      }
      return { figures: notebook.figures };
    } finally {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};
