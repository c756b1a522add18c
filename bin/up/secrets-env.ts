import { SERVICES, type ServiceName } from '../../lib/contract/route.ts';
import { databasePassword } from '../../lib/db/passwords.ts';
import { internalKeyOf } from '../../lib/identity/keys.ts';
import type { Env } from '../host/env.ts';
import { newSecrets, randomText } from '../host/secrets.ts';

export interface SecretSetting {
  readonly name: string;
  readonly value: string;
}

/** Those that run apart in docker-compose.yml. */
const APART = SERVICES.filter((service) => service !== 'sandbox');

/**
 * The secrets of an installation whose services run apart: what the environment has is kept, what it
 * lacks is made, and what each service is to have follows from them.
 */
export function secretSettings(env: Env): readonly SecretSetting[] {
  const made = newSecrets();
  const kept = (name: string, fresh: string): SecretSetting => ({
    name,
    value: env[name] || fresh,
  });
  const database = kept('DATABASE_LOGIN_SECRET', made.DATABASE_LOGIN_SECRET);
  const internal = kept('INTERNAL_SECRET', made.INTERNAL_SECRET);
  const of = (prefix: string, service: ServiceName, value: string): SecretSetting => ({
    name: `${prefix}_${service.toUpperCase()}`,
    value,
  });
  return [
    kept('POSTGRES_PASSWORD', randomText(24)),
    database,
    internal,
    kept('JWT_SECRETS', made.JWT_SECRETS),
    kept('FERNET_KEYS', made.FERNET_KEYS),
    kept('META_APP_SECRET', made.META_APP_SECRET),
    kept('META_VERIFY_TOKEN', made.META_VERIFY_TOKEN),
    kept('OPERATIONS_TOKEN', randomText(32)),
    ...APART.map((service) =>
      of('DATABASE_PASSWORD', service, databasePassword(database.value, service)),
    ),
    ...APART.filter((service) => service !== 'gateway').map((service) =>
      of('INTERNAL_KEY', service, internalKeyOf(internal.value, service)),
    ),
  ];
}
