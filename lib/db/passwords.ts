import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { SERVICES, type ServiceName } from '../contract/route.ts';
import { deriveKey } from '../secrets/derive.ts';
import { ALL_LOGINS, loginsOf, SERVICE_LOGINS } from './logins.ts';

/** The password of a service's logins. */
export function databasePassword(loginSecret: string, service: ServiceName): string {
  return deriveKey(loginSecret, `leadctl database ${service}`);
}

/** The service's own DATABASE_URL, from anybody's for the same database. */
export function databaseUrlOf(url: string, loginSecret: string, service: ServiceName): string {
  const own = new URL(url);
  own.username = SERVICE_LOGINS[service].main;
  own.password = databasePassword(loginSecret, service);
  return own.href;
}

const ATTEMPTS = 20;
const RETRY_DELAY_MS = 25;

/**
 * Lets every service's logins in, with the password that `passwordOf` gives; the same as often as
 * one likes. `url` is the owner's. Throws when a login could do more than its grants say.
 */
export async function openLogins(
  url: string,
  passwordOf: (service: ServiceName) => string,
): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'leadctl-logins' });
  await client.connect();
  try {
    await refusePowerful(client);
    const statements = SERVICES.flatMap((service) =>
      loginsOf(service).map(
        (login) => `ALTER ROLE ${login} LOGIN PASSWORD '${verifier(passwordOf(service), login)}'`,
      ),
    );
    await unlessOvertaken(() => client.query(statements.join(';')));
  } finally {
    await client.end();
  }
}

async function refusePowerful(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles r WHERE rolname = ANY ($1)
       AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
         OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))`,
    [ALL_LOGINS],
  );
  if (rows.length === 0) return;
  throw new Error(
    `A daemon's login may do more than it should: ${rows.map(({ name }) => name).join(', ')}.` +
      ' Take its attributes and memberships away (ALTER ROLE, REVOKE), then run this again.',
  );
}

/** Roles are the whole cluster's: a migration of another database may be changing the same ones. */
async function unlessOvertaken(change: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await change();
      return;
    } catch (error) {
      const isOvertaken =
        error instanceof DatabaseError && /tuple concurrently updated/.test(error.message);
      if (!isOvertaken || attempt === ATTEMPTS) throw error;
      await sleep(RETRY_DELAY_MS * Math.random() * attempt);
    }
  }
}

/** PostgreSQL's own number; what protects the password is that nobody could guess 256 bits of it. */
const ITERATIONS = 4_096;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/**
 * What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803), so that the password itself is in
 * no statement and in no server log. The salt follows from the login and the password: the same
 * password is the same text.
 */
function verifier(password: string, login: string): string {
  const salt = createHmac('sha256', password).update(login).digest().subarray(0, SALT_BYTES);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const sign = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(sign('Client Key')).digest('base64');
  const serverKey = sign('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
