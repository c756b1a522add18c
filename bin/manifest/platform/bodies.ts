import { Secret, type ApiKeyState, type IntegrationValue } from '../state.ts';

/** An API key's settings as the API takes them; only those given. */
export function keyBody(settings: Partial<ApiKeyState>) {
  const { scopes, allowedOrigins, rateLimitPerMinute, expiresAt } = settings;
  return {
    ...(scopes === undefined ? {} : { scopes: scopes.map(toScope) }),
    ...(allowedOrigins === undefined ? {} : { allowed_origins: [...allowedOrigins] }),
    ...(rateLimitPerMinute === undefined ? {} : { rate_limit_per_minute: rateLimitPerMinute }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}

const toScope = (scope: string) => (scope === 'leads:read' ? scope : 'leads:ingest');

/** `a` and `whatsapp.b` as `{a, config: {whatsapp: {b}}}`. */
export function integrationsBody(
  values: ReadonlyMap<string, IntegrationValue>,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const config: Record<string, Record<string, unknown>> = {};
  for (const [path, given] of values) {
    const value = given instanceof Secret ? given.reveal() : given;
    const [group = '', field] = path.split('.');
    if (field === undefined) body[group] = value;
    else (config[group] ??= {})[field] = value;
  }
  return Object.keys(config).length === 0 ? body : { ...body, config };
}
