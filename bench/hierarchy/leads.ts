import { leadContract, type LeadContract } from '../../daemons/lead/contract.ts';
import { createLeadDaemon } from '../../daemons/lead/daemon.ts';
import { asMember, type Fixture, type Person } from './fixture.ts';
import { serve, type Served } from './serve.ts';
import { time, type Notebook } from './timing.ts';

const ROUNDS = 100;

/** By number in the fixture: the first of each level, and so ever smaller parts of the client. */
const SCOPES = [
  ['root (100 000 members)', 0],
  ['manager of 11 111', 1],
  ['manager of 1 111', 11],
  ['manager of 111', 111],
  ['manager of 11', 1_111],
  ['junior', 99_999],
] as const;

/** The scope check of one lead and the scoped list, at the lead daemon, over HTTP. */
export async function measureLeads(
  databaseUrl: string,
  fixture: Fixture,
  notebook: Notebook,
): Promise<void> {
  const daemon = await serve(leadContract, databaseUrl, (deps) =>
    createLeadDaemon(deps, {
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_MAX: 4,
      INGEST_QUEUE_MAX: 100,
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: 600,
    }),
  );
  try {
    for (const [who, number] of SCOPES) {
      const person = await fixture.person(number);
      await measureScope(daemon, fixture, who, person, notebook);
    }
    // The unkind case: a middle manager whose part of the client has no lead at all.
    const quiet = await fixture.person(12);
    await fixture.dropLeadsUnder(quiet.id);
    await measureList(daemon, fixture, 'quiet manager of 1 111', quiet, notebook);
  } finally {
    await daemon.stop();
  }
}

async function measureScope(
  daemon: Served<LeadContract>,
  fixture: Fixture,
  who: string,
  person: Person,
  notebook: Notebook,
): Promise<void> {
  await measureList(daemon, fixture, who, person, notebook);
  const own = await fixture.aLeadUnder(person.id);
  const client = daemon.client(asMember(fixture, person));
  const get = (leadId: string) =>
    client.call('getLead', { params: { client_id: fixture.clientId, lead_id: leadId } });
  const allowed = await time(ROUNDS, daemon, async () => {
    const lead = await get(own);
    if (!lead.ok) throw new Error(lead.problem.detail);
  });
  notebook.report(`${who}: one lead`, allowed);
}

async function measureList(
  daemon: Served<LeadContract>,
  fixture: Fixture,
  who: string,
  person: Person,
  notebook: Notebook,
): Promise<void> {
  const client = daemon.client(asMember(fixture, person));
  let count = 0;
  const list = await time(ROUNDS, daemon, async () => {
    const page = await client.call('listLeads', { params: { client_id: fixture.clientId } });
    if (!page.ok) throw new Error(page.problem.detail);
    count = page.body.data.length;
  });
  notebook.report(`${who}: list`, list, `${count} leads`);
}
