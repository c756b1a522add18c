/** Server settings by name; see the PostgreSQL manual, "Server Configuration". */
export type ServerSettings = Record<string, string | number>;

/**
 * Settings for one small machine. They go on the command line at each start, so that a newer
 * leadctl brings newer ones to an old cluster.
 */
export function serverSettings(options: {
  port: number;
  maxConnections: number;
  durable: boolean;
}): ServerSettings {
  return {
    listen_addresses: '127.0.0.1',
    port: options.port,
    // TCP only: a socket's path may not exceed 107 bytes, a data directory's may.
    unix_socket_directories: '',
    max_connections: options.maxConnections,
    password_encryption: 'scram-sha-256',
    shared_buffers: '128MB',
    random_page_cost: 1.1,
    jit: 'off',
    // PostgreSQL 18 would start three more processes for reads that mostly hit the cache here.
    io_method: 'sync',
    timezone: 'UTC',
    ...logSettings,
    ...(options.durable ? durableSettings : throwawaySettings),
  };
}

/**
 * The log may be kept and shared, so it carries no row: DETAIL quotes values ("Key (email)=…"), and
 * a failed statement its literals. Whoever ran the statement gets all of it.
 */
const logSettings = {
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
} satisfies ServerSettings;

const durableSettings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_wal_size: '1GB',
} satisfies ServerSettings;

/** For tests: a crash of the machine may lose everything. */
const throwawaySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '4GB',
} satisfies ServerSettings;
