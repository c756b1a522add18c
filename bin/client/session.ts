import { defined } from '../../lib/core/defined.ts';
import { authContract, type Tokens } from '../../daemons/auth/contract.ts';
import { createClient, type Transport } from '../../lib/contract/client.ts';
import { ApiError } from '../cli/api-error.ts';
import { CliError } from '../cli/failure.ts';
import { LONGEST_CHANGE_MS } from '../config/json-file.ts';
import type { Credential, Credentials } from '../config/schemas.ts';
import type { Settings } from '../config/settings.ts';
import { type ConfigStore, findCredential } from '../config/store.ts';
import { exitCodes } from '../exit-codes.ts';

/** The tokens that this run speaks with: `LEADCTL_TOKEN` as it is, or a stored login kept fresh. */
export interface Session {
  /** A token that has not expired yet. Throws a `CliError` (exit 4) where nobody is logged in. */
  token(): Promise<string>;
  /** Another one, after the gateway said that this one has expired; undefined if there is none to be had. */
  renew(expired: string): Promise<string | undefined>;
}

export interface SessionDeps {
  readonly settings: Settings;
  readonly store: ConfigStore;
  readonly now: () => Date;
  /** Without any token of its own. */
  readonly transport: Transport;
}

/** A token this close to its end might end on the way. */
const EXPIRY_MARGIN_MS = 5_000;

export function createSession({ settings, store, now, transport }: SessionDeps): Session {
  const { credentialKeys, token: given, url } = settings;
  const auth = createClient(authContract, transport);
  let held: Credential | undefined;
  /** Which of the names the login was found under; it is renewed there. */
  let key = settings.credentialKey;

  /** Several processes may find the same token expired; whoever holds the lock refreshes for all of them. */
  const refreshUnless = async (isGood: (found: Credential) => boolean): Promise<string> => {
    let ended = false;
    const { logins } = await store.credentials.update(async (current) => {
      const found = current.logins[key];
      if (found === undefined || isGood(found)) return current;
      const result = await auth.call('refresh', {
        body: { refresh_token: found.refresh_token },
        signal: AbortSignal.timeout(LONGEST_CHANGE_MS),
      });
      if (result.ok) return withLogin(current, key, toCredential(result.body, now(), found.email));
      if (result.problem.status !== 401) throw new ApiError(result.problem);
      ended = true;
      return withLogin(current, key, undefined);
    });
    held = logins[key];
    if (held === undefined) throw notLoggedIn(url, ended);
    return held.access_token;
  };
  const isFresh = ({ access_expires_at }: Credential): boolean =>
    Date.parse(access_expires_at) - now().getTime() > EXPIRY_MARGIN_MS;

  return {
    async token() {
      if (given !== undefined) return given;
      if (held === undefined) {
        const found = await findCredential(store, credentialKeys);
        key = found?.key ?? key;
        held = found?.credential;
      }
      if (held === undefined) throw notLoggedIn(url, false);
      return isFresh(held) ? held.access_token : await refreshUnless(isFresh);
    },
    async renew(expired) {
      if (given !== undefined) return undefined;
      return await refreshUnless(({ access_token }) => access_token !== expired);
    },
  };
}

export function toCredential(tokens: Tokens, now: Date, email: string | undefined): Credential {
  const after = (seconds: number): string =>
    new Date(now.getTime() + seconds * 1_000).toISOString();
  return {
    ...defined({ email }),
    access_token: tokens.access_token,
    access_expires_at: after(tokens.expires_in),
    refresh_token: tokens.refresh_token,
    refresh_expires_at: after(tokens.refresh_expires_in),
  };
}

function withLogin(
  { logins }: Credentials,
  key: string,
  credential: Credential | undefined,
): Credentials {
  const others = Object.entries(logins).filter(([name]) => name !== key);
  return {
    logins: Object.fromEntries(credential ? [...others, [key, credential]] : others),
  };
}

function notLoggedIn(url: string, ended: boolean): CliError {
  return new CliError(ended ? `Your login at ${url} has ended` : `Not logged in at ${url}`, {
    exitCode: exitCodes.denied,
    code: 'unauthenticated',
    next: 'leadctl login (or set LEADCTL_TOKEN)',
  });
}
