/** What each kind of daemon may do is granted to its role; see the migrations. */
export type DbRole = 'leadctl_app' | 'leadctl_ingest' | 'leadctl_worker' | 'leadctl_gateway';

export interface ConnectionSettings {
  readonly connectionString: string;
  readonly application_name: string;
  readonly connectionTimeoutMillis: number;
  readonly query_timeout: number;
  readonly options: string;
  readonly keepAlive: boolean;
}

const STATEMENT_TIMEOUT_MS = 15_000;
/** For a server that vanished without a word; longer than its own time-out, which says more. */
const ANSWER_TIMEOUT_MS = 20_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connection settings under a role: the server takes it on before the first statement, so nothing
 * ever runs with the rights of the login user.
 */
export function connectionOptions(options: {
  url: string;
  role: DbRole;
  applicationName: string;
}): ConnectionSettings {
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    options: [
      `-c role=${options.role}`,
      `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
      `-c idle_in_transaction_session_timeout=${IDLE_TRANSACTION_TIMEOUT_MS}`,
      '-c timezone=UTC',
    ].join(' '),
    keepAlive: true,
  };
}
