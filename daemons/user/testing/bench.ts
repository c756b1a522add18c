import type { Pool } from 'pg';
import type { z } from 'zod';
import type { mailSettings } from '../../../lib/core/config.ts';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import {
  aClient,
  aMembership,
  aRole,
  type TestClient,
  type TestMembership,
  type TestRole,
} from '../../../lib/testing/factories.ts';
import { userContract, type UserContract } from '../contract.ts';
import { createUserDaemon, type userSettings } from '../daemon.ts';

type MailSettings = z.output<typeof mailSettings>;

export type UserBench = TestBench<UserContract>;

/** A user daemon on a database of its own. */
export function openUserBench(
  mail: MailSettings = { PUBLIC_URL: 'https://leads.example' },
): Promise<UserBench> {
  return openTestBench({
    contract: userContract,
    create: (deps, { DATABASE_URL }) => createUserDaemon(deps, userSettingsOf(DATABASE_URL, mail)),
  });
}

export function userSettingsOf(
  databaseUrl: string,
  mail: MailSettings = { PUBLIC_URL: 'https://leads.example' },
): z.output<typeof userSettings> {
  return { DATABASE_URL: databaseUrl, DATABASE_POOL_MAX: 4, BCRYPT_ROUNDS: 4, ...mail };
}

export interface TestTeam {
  readonly client: TestClient;
  /** Level 20; everybody's. */
  readonly role: TestRole;
  /** boss → lead → rep, and beside lead: peer → peerRep. */
  readonly boss: TestMembership;
  readonly lead: TestMembership;
  readonly rep: TestMembership;
  readonly peer: TestMembership;
  readonly peerRep: TestMembership;
  /** Of another client. */
  readonly foreign: TestMembership;
}

export async function aTeam(owner: Pool): Promise<TestTeam> {
  const client = await aClient(owner);
  const role = await aRole(owner, { level: 20 });
  const boss = await aMembership(owner, { client, role });
  const lead = await aMembership(owner, { reportsTo: boss, role });
  const rep = await aMembership(owner, { reportsTo: lead, role });
  const peer = await aMembership(owner, { reportsTo: boss, role });
  const peerRep = await aMembership(owner, { reportsTo: peer, role });
  const foreign = await aMembership(owner, { role });
  return { client, role, boss, lead, rep, peer, peerRep, foreign };
}

/** What the audit log says of a target, oldest first. */
export async function auditOf(
  owner: Pool,
  targetId: string,
): Promise<{ action: string; client_id: string | null; detail: unknown }[]> {
  const { rows } = await owner.query<{ action: string; client_id: string | null; detail: unknown }>(
    'SELECT action, client_id, detail FROM audit_log WHERE target_id = $1 ORDER BY id',
    [targetId],
  );
  return rows;
}

/** `[ancestor, depth]` pairs as the closure has them, from the member upwards. */
export async function ancestorsOf(owner: Pool, memberId: string): Promise<unknown[]> {
  const { rows } = await owner.query<unknown[]>({
    text: `SELECT ancestor_user_client_id, depth FROM user_client_hierarchy
      WHERE descendant_user_client_id = $1 ORDER BY depth`,
    values: [memberId],
    rowMode: 'array',
  });
  return rows;
}
