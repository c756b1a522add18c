import { Client } from 'pg';
import { clientIdSchema, type ClientId } from '../../lib/core/ids.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

export const MEMBERS = 100_000;
export const LEADS = 1_000_000;
/** Reports of each manager: levels of 1, 10, 100, 1000, 10000 and the rest. */
const SPAN = 10;
/** Of ten leads one is nobody's. */
const UNASSIGNED_EVERY = 10;

export interface Person {
  readonly id: string;
  readonly userId: string;
}

export interface Fixture {
  readonly clientId: ClientId;
  readonly roleId: string;
  /** The member of that number: 0 is the root, and n reports to (n − 1) / 10. */
  person(number: number): Promise<Person>;
  /** Takes every lead away from a member's subtree and gives the root's first report all of them. */
  dropLeadsUnder(id: string): Promise<void>;
  /** The newest lead of a member's subtree. */
  aLeadUnder(id: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * One client of 100 000 members in a tree and 1 000 000 leads, handed out at random. Loaded as the
 * database's owner and without checking each foreign key: the rows are right by construction.
 */
export async function loadFixture(ownerUrl: string): Promise<Fixture> {
  const clientId = clientIdSchema.parse('big');
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('SET session_replication_role = replica');
  await owner.query(`INSERT INTO clients (client_id, name) VALUES ('big', 'Big')`);
  const role = await owner.query<{ id: string }>(
    `INSERT INTO roles (id, name, level) VALUES (uuidv7(), 'seller', 20) RETURNING id`,
  );
  await owner.query(`CREATE TEMP TABLE people AS
    SELECT n, uuidv7() AS id, uuidv7() AS user_id FROM generate_series(0, ${MEMBERS - 1}) n`);
  await owner.query('CREATE UNIQUE INDEX ON people (n); CREATE UNIQUE INDEX ON people (id)');
  await owner.query(`INSERT INTO users (id, email)
    SELECT user_id, 'member' || n || '@big.example' FROM people`);
  await owner.query(`INSERT INTO user_clients (id, user_id, client_id, role_id, reports_to_user_client_id)
    SELECT p.id, p.user_id, 'big', (SELECT id FROM roles), m.id
    FROM people p LEFT JOIN people m ON p.n > 0 AND m.n = (p.n - 1) / ${SPAN}`);
  await owner.query(CLOSURE);
  await owner.query(`INSERT INTO leads (id, client_id, name, email, source, raw_payload,
      assigned_to_user_client_id, created_at, updated_at)
    SELECT uuidv7(), 'big', 'Lead ' || number, 'lead' || number || '@example.com', 'website',
      jsonb_build_object('name', 'Lead ' || number, 'message', 'Please call me back'), p.id, now(), now()
    FROM (SELECT n AS number, CASE WHEN n % ${UNASSIGNED_EVERY} > 0 THEN floor(random() * ${MEMBERS})::int END AS who
          FROM generate_series(1, ${LEADS}) n) l
    LEFT JOIN people p ON p.n = l.who`);
  await owner.query('SET session_replication_role = origin');
  await owner.query('VACUUM ANALYZE');
  // Loading is over: its writes must not go on under the measurements.
  await owner.query('CHECKPOINT');
  return {
    clientId,
    roleId: role.rows[0]?.id ?? '',
    async person(number) {
      const { rows } = await owner.query<{ id: string; user_id: string }>(
        'SELECT id, user_id FROM people WHERE n = $1',
        [number],
      );
      const [row] = rows;
      if (row === undefined) throw new Error(`there is no member number ${number}`);
      return { id: row.id, userId: row.user_id };
    },
    async dropLeadsUnder(id) {
      await owner.query(
        `UPDATE leads SET assigned_to_user_client_id = (SELECT id FROM people WHERE n = 1)
         WHERE assigned_to_user_client_id IN (SELECT descendant_user_client_id
           FROM user_client_hierarchy WHERE ancestor_user_client_id = $1)`,
        [id],
      );
      await owner.query('VACUUM leads');
    },
    async aLeadUnder(id) {
      const { rows } = await owner.query<{ id: string }>(
        `SELECT l.id FROM leads l JOIN user_client_hierarchy h
           ON h.descendant_user_client_id = l.assigned_to_user_client_id
         WHERE h.ancestor_user_client_id = $1 ORDER BY l.id DESC LIMIT 1`,
        [id],
      );
      return rows[0]?.id ?? '';
    },
    stop: () => owner.end(),
  };
}

const CLOSURE = `
  INSERT INTO user_client_hierarchy
    (client_id, ancestor_user_client_id, descendant_user_client_id, depth)
  WITH RECURSIVE climb AS (
    SELECT id AS descendant, id AS ancestor, reports_to_user_client_id AS next, 0 AS depth
    FROM user_clients
    UNION ALL
    SELECT climb.descendant, m.id, m.reports_to_user_client_id, climb.depth + 1
    FROM climb JOIN user_clients m ON m.id = climb.next)
  SELECT 'big', ancestor, descendant, depth FROM climb`;

export const asMember = (fixture: Fixture, person: Person): UserIdentity => ({
  kind: 'user',
  userId: person.userId,
  isAdmin: false,
  membership: {
    id: person.id,
    clientId: fixture.clientId,
    roleId: fixture.roleId,
    roleLevel: 20,
  },
});
