import { resolve } from 'node:path';
import { rotateSecrets, type RotationReport } from '../../daemons/integration/rotate.ts';
import { rotateTotpSecrets } from '../../daemons/auth/totp/rotate.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { databaseSettings, loadConfig, sealingSettings } from '../../lib/core/config.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { acquireDataDir, type DataDirHeld } from '../../lib/postgres/data-dir-lock.ts';
import { startEmbeddedPostgres } from '../../lib/postgres/embedded.ts';
import { findRunningPostgres } from '../../lib/postgres/running.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { CliError, usageError } from '../cli/failure.ts';
import type { Env } from '../host/env.ts';
import { addFernetKey, dropOldFernetKeys, embeddedFernetKeys } from '../host/secrets.ts';

export interface RotateOptions {
  readonly env: Env;
  /** An embedded installation's; without it DATABASE_URL and FERNET_KEYS say what to work on. */
  readonly dataDir: string | undefined;
  readonly isDryRun: boolean;
  /** Makes a key first; of an embedded installation only. */
  readonly withNewKey: boolean;
  /** Forgets the older keys when nothing is under them any more; of an embedded installation only. */
  readonly dropOldKeys: boolean;
  readonly onProgress: (text: string) => Promise<void>;
}

export interface RotateOutcome {
  /** Absent when a key was made that running daemons do not know yet: nothing may be under it. */
  readonly report: RotationReport | undefined;
  readonly keyAdded: boolean;
  readonly oldKeysDropped: boolean;
  /** Who runs the installation while this is done. */
  readonly runningPid: number | undefined;
}

/** Puts every sealed secret under the newest key, straight in the database. */
export async function rotateAllSecrets(options: RotateOptions): Promise<RotateOutcome> {
  const { env, dataDir } = options;
  if (dataDir !== undefined) return await rotateEmbedded(resolve(dataDir), options);
  if (options.withNewKey || options.dropOldKeys) {
    throw usageError(
      '--new-key and --drop-old-keys change the keys in a data directory',
      'name it with --data-dir; keys in FERNET_KEYS are changed where your daemons get it from',
    );
  }
  const settings = loadConfig(env, databaseSettings.extend(sealingSettings.shape));
  const report = await rotateIn(settings.DATABASE_URL, settings.FERNET_KEYS, options);
  return { report, keyAdded: false, oldKeysDropped: false, runningPid: undefined };
}

async function rotateEmbedded(dataDir: string, options: RotateOptions): Promise<RotateOutcome> {
  if ((await embeddedFernetKeys(dataDir)) === undefined) {
    throw new CliError(`There is no installation in ${dataDir}`, {
      code: 'no_installation',
      why: 'It has no secrets.json, which the first "leadctl up" makes',
      next: 'name the directory that "leadctl up --data-dir" was given',
    });
  }
  const lock = await acquireDataDir(dataDir, {
    holder: { pid: process.pid, startedAt: new Date().toISOString() },
  });
  if (!lock.ok) return await rotateWhileRunning(dataDir, lock.heldBy, options);
  try {
    if (options.withNewKey && !options.isDryRun) await addFernetKey(dataDir, systemClock());
    const postgres = await startEmbeddedPostgres({ dataDir });
    try {
      return await rotateWithKept(dataDir, postgres.url, options, undefined);
    } finally {
      await postgres.stop();
    }
  } finally {
    await lock.release();
  }
}

/**
 * A key that the running daemons do not know must seal nothing: they could not open it. So a new one
 * is only written down, and used once they have been started again.
 */
async function rotateWhileRunning(
  dataDir: string,
  holder: DataDirHeld,
  options: RotateOptions,
): Promise<RotateOutcome> {
  if (options.withNewKey && !options.isDryRun) {
    await addFernetKey(dataDir, systemClock());
    return {
      report: undefined,
      keyAdded: true,
      oldKeysDropped: false,
      runningPid: holder.pid,
    };
  }
  const kept = await embeddedFernetKeys(dataDir);
  if (kept?.changedAt !== undefined && Date.parse(holder.since) <= Date.parse(kept.changedAt)) {
    throw new CliError('The running daemons do not know the newest key yet', {
      code: 'key_not_known',
      why: `Process ${holder.pid} runs since ${holder.since}, the key was made ${kept.changedAt}`,
      next: `stop it (kill ${holder.pid}), start "leadctl up" again, then repeat this`,
    });
  }
  const url = await findRunningPostgres(dataDir);
  if (url === null) {
    throw new CliError(`The database in ${dataDir} cannot be found`, {
      code: 'database_not_found',
      why: `Process ${holder.pid} holds the directory, but runs no PostgreSQL in it yet, or uses DATABASE_URL`,
      next: 'wait until it is ready, or set DATABASE_URL and FERNET_KEYS and leave out --data-dir',
    });
  }
  return await rotateWithKept(dataDir, url, options, holder.pid);
}

async function rotateWithKept(
  dataDir: string,
  url: string,
  options: RotateOptions,
  runningPid: number | undefined,
): Promise<RotateOutcome> {
  // As "leadctl up" does: what the environment says goes before the file.
  const given = options.env['FERNET_KEYS'];
  const kept = await embeddedFernetKeys(dataDir);
  const keys = given ? given.split(',') : (kept?.keys ?? []);
  const report = await rotateIn(url, keys, options);
  const mayDrop = options.dropOldKeys && !options.isDryRun && report.failed.length === 0 && !given;
  if (mayDrop) await dropOldFernetKeys(dataDir);
  return {
    report,
    keyAdded: options.withNewKey && !options.isDryRun,
    oldKeysDropped: mayDrop,
    runningPid,
  };
}

async function rotateIn(
  url: string,
  keys: readonly string[],
  { isDryRun, onProgress }: RotateOptions,
): Promise<RotationReport> {
  const database = createDatabase({
    url,
    role: 'leadctl_worker',
    as: 'owner',
    applicationName: 'leadctl-secrets',
    poolMax: 1,
  });
  try {
    const keyring = createKeyring(keys);
    const totp = await rotateTotpSecrets({ database, keyring, isDryRun });
    const report = await rotateSecrets({
      database,
      keyring,
      isDryRun,
      onProgress: ({ clients, rotated }) =>
        onProgress(`${clients} clients, ${rotated} secrets ${isDryRun ? 'to go' : 'moved'}`),
    });
    const lost = totp.failed.map((userId) => ({ clientId: `user ${userId}`, field: 'totp' }));
    return {
      ...report,
      rotated: report.rotated + totp.rotated,
      failed: [...report.failed, ...lost],
    };
  } finally {
    await database.stop();
  }
}
