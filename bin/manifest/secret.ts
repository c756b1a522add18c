import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';

/** Where a secret comes from; the manifest itself never holds one. */
export const secretReference = z
  .strictObject(
    {
      fromEnv: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { message: 'must be the name of a variable' })
        .optional()
        .describe('The environment variable that holds the secret'),
      fromFile: z
        .string()
        .min(1)
        .optional()
        .describe('The file that holds the secret, seen from the manifest'),
    },
    {
      error:
        'must be { fromEnv: NAME } or { fromFile: PATH }: a secret does not belong in a manifest',
    },
  )
  .refine((given) => (given.fromEnv === undefined) !== (given.fromFile === undefined), {
    message: 'give either fromEnv or fromFile',
  })
  .describe('A secret, taken from the environment or a file; left as it is when not given');
export type SecretReference = z.output<typeof secretReference>;

/** A secret that is to be set; printing one shows nothing. */
export class Secret {
  readonly #value: string;
  readonly fingerprint: string;

  constructor(value: string, fingerprint: string) {
    this.#value = value;
    this.fingerprint = fingerprint;
  }

  reveal(): string {
    return this.#value;
  }
}

/** A secret that is set on the server, which tells no more of it than its fingerprint. */
export class SecretMark {
  /** Undefined from a server that does not tell. */
  readonly fingerprint: string | undefined;

  constructor(fingerprint: string | undefined) {
    this.fingerprint = fingerprint;
  }
}

export type Env = Readonly<Record<string, string | undefined>>;

const MAX_BYTES = 64 * 1024;

/** What a reference means here: the secret, or why there is none. A relative path starts at `directory`. */
export function readSecret(
  { fromEnv, fromFile = '' }: SecretReference,
  { directory, env }: { readonly directory: string; readonly env: Env },
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string } {
  if (fromEnv !== undefined) {
    const value = env[fromEnv]?.trim() ?? '';
    return value === ''
      ? { ok: false, why: `the environment variable ${fromEnv} is not set` }
      : { ok: true, value };
  }
  const file = isAbsolute(fromFile) ? fromFile : join(directory, fromFile);
  try {
    if (statSync(file).size > MAX_BYTES) return { ok: false, why: `${file} is longer than 64 KiB` };
    const value = readFileSync(file, 'utf8').trim();
    return value === '' ? { ok: false, why: `${file} is empty` } : { ok: true, value };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return { ok: false, why: `cannot read ${file} (${code})` };
  }
}
