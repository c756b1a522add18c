import { readFileSync } from 'node:fs';
import {
  ConfigError,
  authSettings,
  exposureSettings,
  hostSettings,
  jobSettings,
  limitSettings,
  mailSettings,
  messagingSettings,
  metaSettings,
  providerSettings,
  retentionSettings,
  sealingSettings,
  secondFactorSettings,
  sharedLimitSettings,
  tokenSettings,
} from './config.ts';

const FROM_FILE = '_FILE';

/** Every setting of this file, in any daemon. */
const allNames = (): ReadonlySet<string> =>
  new Set(
    [
      hostSettings,
      tokenSettings,
      authSettings,
      mailSettings,
      sealingSettings,
      metaSettings,
      providerSettings,
      messagingSettings,
      jobSettings,
      retentionSettings,
      sharedLimitSettings,
      secondFactorSettings,
      limitSettings,
      exposureSettings,
    ].flatMap(({ shape }) => Object.keys(shape)),
  );

/**
 * The environment with each `NAME_FILE` read into `NAME`, without the line break at its end: secrets
 * that are mounted as files are in no process list and in no container's description. Throws
 * ConfigError, never with a value.
 */
export function withSettingFiles(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const given = Object.entries(env).filter(
    ([name, path]) => path && name.endsWith(FROM_FILE) && allNames().has(name.slice(0, -5)),
  );
  const read = given.map(([name, path]) => {
    const setting = name.slice(0, -FROM_FILE.length);
    if (env[setting]) throw new ConfigError(`${setting} and ${name} are both set; keep one.`);
    try {
      return [setting, readFileSync(String(path), 'utf8').replace(/\r?\n$/, '')];
    } catch (cause) {
      throw new ConfigError(`${name} names a file that cannot be read.`, { cause });
    }
  });
  return { ...env, ...Object.fromEntries(read) };
}
