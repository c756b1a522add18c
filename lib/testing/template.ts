import { Client } from 'pg';

const QUERY_TIMEOUT_MS = 30_000;

/** Makes and migrates the template, then closes it, since a connection to it would block cloning. */
export async function createTemplate(options: {
  adminUrl: string;
  templateName: string;
  migrate: (url: string) => Promise<void>;
}): Promise<void> {
  const { adminUrl, templateName, migrate } = options;
  await withAdmin(adminUrl, async (client) => {
    const template = client.escapeIdentifier(templateName);
    await client.query(`CREATE DATABASE ${template}`);
    await migrate(withDatabase(adminUrl, templateName));
    await client.query(`ALTER DATABASE ${template} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
  });
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Runs `work` on a connection of its own. */
export async function withAdmin(
  url: string,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: url, query_timeout: QUERY_TIMEOUT_MS });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
