import type { DbRole } from './logins.ts';

export type { DbRole } from './logins.ts';

export interface ConnectionSettings {
  readonly connectionString: string;
  readonly application_name: string;
  readonly connectionTimeoutMillis: number;
  readonly query_timeout: number;
  readonly options: string;
  readonly keepAlive: boolean;
}

export interface Connecting {
  /** A daemon's DATABASE_URL; whom it names as user does not matter, its password opens `role`. */
  readonly url: string;
  readonly role: DbRole;
  readonly applicationName: string;
  /**
   * `owner`: the user whom the URL names logs in and takes the role on, for what an operator does
   * straight in the database. Daemons log in as the role itself, which may become no other. And
   * `named_user`: the user whom the URL names logs in and stays who they are, where a setting of its
   * own names another database.
   */
  readonly as?: 'owner' | 'named_user';
}

const STATEMENT_TIMEOUT_MS = 15_000;
/** For a server that vanished without a word; longer than its own time-out, which says more. */
const ANSWER_TIMEOUT_MS = 20_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Connection settings under a role: nothing ever runs with other rights than the role's. */
export function connectionOptions(options: Connecting): ConnectionSettings {
  return {
    connectionString: options.as === undefined ? asUser(options.url, options.role) : options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    options: [
      ...(options.as === 'owner' ? [`-c role=${options.role}`] : []),
      `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
      `-c idle_in_transaction_session_timeout=${IDLE_TRANSACTION_TIMEOUT_MS}`,
      '-c timezone=UTC',
    ].join(' '),
    keepAlive: true,
  };
}

function asUser(url: string, user: string): string {
  const changed = new URL(url);
  changed.username = user;
  return changed.href;
}
