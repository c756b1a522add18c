import { SERVICES, type ServiceName } from '../../lib/contract/route.ts';
import { hostSettings } from '../../lib/core/config.ts';
import { databaseUrlOf } from '../../lib/db/passwords.ts';
import { internalKeyOf } from '../../lib/identity/keys.ts';
import type { Env } from './context.ts';
import { settingsOf } from './service-settings.ts';

/**
 * The environment as one service is to see it: where DATABASE_LOGIN_SECRET is known, DATABASE_URL
 * becomes the service's own.
 */
export function serviceEnv(service: ServiceName, env: Env): Env {
  const { DATABASE_URL: url, DATABASE_LOGIN_SECRET: loginSecret } = env;
  if (!url || !loginSecret) return env;
  return { ...env, DATABASE_URL: databaseUrlOf(url, loginSecret, service) };
}

/** What Node and the programs that it starts look at, and no daemon's settings. */
const OF_THE_MACHINE =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|XDG_CACHE_HOME|SSL_CERT_\w+|NODE_\w+)$/;

/**
 * All that the process of one service is given: its machine, where the other services are, and the
 * settings that its daemon reads. Other daemons' secrets are not among them, nor is the first
 * admin's password or what passwords and keys are derived from.
 */
export async function processEnv(service: ServiceName, env: Env): Promise<Record<string, string>> {
  const names = new Set([
    ...Object.keys(hostSettings.shape),
    ...Object.keys((await settingsOf(service)).shape),
    ...SERVICES.map((name) => `${name.toUpperCase()}_URL`),
  ]);
  const own = Object.entries(serviceEnv(service, env)).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (names.has(entry[0]) || OF_THE_MACHINE.test(entry[0])),
  );
  const { INTERNAL_SECRET: secret, DATABASE_LOGIN_SECRET: _, ...rest } = Object.fromEntries(own);
  if (secret === undefined) return rest;
  return service === 'gateway'
    ? { ...rest, INTERNAL_SECRET: secret }
    : { ...rest, INTERNAL_KEY: internalKeyOf(secret, service) };
}
