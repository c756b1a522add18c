import { SERVICES, type ServiceName } from '../../lib/contract/route.ts';
import { hostSettings } from '../../lib/core/config.ts';
import { databaseUrlOf } from '../../lib/db/passwords.ts';
import { internalKeyOf } from '../../lib/identity/keys.ts';
import type { Env } from './env.ts';
import { settingsOf } from './service-settings.ts';

/**
 * The environment as one service is to see it: where DATABASE_LOGIN_SECRET is known, DATABASE_URL
 * becomes the service's own.
 */
export function serviceEnv(service: ServiceName, given: Env): Env {
  const env = withMail(service, given);
  const { DATABASE_URL: url, DATABASE_LOGIN_SECRET: loginSecret } = env;
  if (!url || !loginSecret) return env;
  return { ...env, DATABASE_URL: databaseUrlOf(url, loginSecret, service) };
}

/**
 * Where the sandbox has a mail server and no other is named, destinations mail to it. Invitations do not:
 * their links are shown to the inviter, who would not look for them in the sandbox.
 */
function withMail(service: ServiceName, env: Env): Env {
  const { SMTP_URL: url, SANDBOX_SMTP_PORT: port } = env;
  if (url || !port || (service !== 'worker' && service !== 'integration')) return env;
  return {
    ...env,
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAIL_FROM: env['MAIL_FROM'] || 'leadctl <leadctl@sandbox.example>',
  };
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
