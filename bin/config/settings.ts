import { CliError, usageError } from '../cli/failure.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Config } from './schemas.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8000';

export interface SettingsInput {
  readonly flags: {
    readonly url?: string | undefined;
    readonly client?: string | undefined;
    readonly context?: string | undefined;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: Config;
}

/** What holds for this run: a flag beats the environment, that beats the context, that the default. */
export interface Settings {
  readonly contextName: string | undefined;
  /** Of the gateway, without a trailing slash. */
  readonly url: string;
  readonly client: string | undefined;
  /** `LEADCTL_TOKEN`: used as it is, never stored. */
  readonly token: string | undefined;
  /** Names the stored login; holds the URL, so that a token is never sent to another gateway. */
  readonly credentialKey: string;
  /** Where a login is looked for: the context's own first, then one made at that URL without a context. */
  readonly credentialKeys: readonly string[];
}

/** Throws a `CliError` for a context that is not there and a URL that is none. */
export function resolveSettings({ flags, env, config }: SettingsInput): Settings {
  const contextName = flags.context ?? config.current;
  const context = contextName === undefined ? undefined : config.contexts[contextName];
  if (flags.context !== undefined && context === undefined) {
    throw new CliError(`There is no context '${flags.context}'`, {
      exitCode: exitCodes.notFound,
      code: 'context_not_found',
      next: 'leadctl context ls',
    });
  }
  const url = gatewayUrl(
    flags.url ?? (env['LEADCTL_URL'] || undefined) ?? context?.url ?? DEFAULT_URL,
  );
  const credentialKey = context === undefined ? url : `${contextName} ${url}`;
  return {
    contextName: context === undefined ? undefined : contextName,
    url,
    client: flags.client ?? (env['LEADCTL_CLIENT'] || undefined) ?? context?.client,
    token: env['LEADCTL_TOKEN'] || undefined,
    credentialKey,
    credentialKeys: credentialKey === url ? [url] : [credentialKey, url],
  };
}

/** The client that a command works on; a usage error that names the three ways to say it. */
export function requireClient(settings: Settings): string {
  if (settings.client !== undefined) return settings.client;
  throw usageError(
    'Which client? None is named',
    'add --client CLIENT_ID, set LEADCTL_CLIENT, or put it in the context: leadctl context set NAME --client CLIENT_ID',
  );
}

/** An http(s) URL without trailing slash, query or password; throws a usage error for anything else. */
export function gatewayUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!usable || url.username !== '' || url.password !== '') {
    throw usageError(`'${text}' is not a gateway URL`, `use one such as ${DEFAULT_URL}`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
