import type { Pool } from 'pg';
import { z } from 'zod';
import type { Clock } from '../../../lib/core/clock.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { storedSecrets } from '../destinations/model.ts';
import { open } from '../destinations/secrets.ts';
import type { SecretSpecs } from '../kinds/secret-spec.ts';
import type { Lane } from './model.ts';
import type { Hold } from './transitions/hold-lane.ts';

/** The secrets with which a destination's deliveries go out now, or why none can. */
export type Credentials = { readonly version: number | null } & (
  | { readonly ok: true; readonly secrets: Readonly<Record<string, readonly string[]>> }
  | { readonly ok: false; readonly hold: Hold }
);

export interface AccountDeps {
  readonly pool: Pool;
  readonly keyring: Keyring;
  readonly kinds: ReadonlyMap<string, { readonly secrets: SecretSpecs }>;
  readonly clock: Clock;
}

const row = z.object({
  id: z.string(),
  client_id: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  secrets: storedSecrets,
  version: z.int(),
  disabled_code: z.string().nullable(),
  disabled_message: z.string().nullable(),
});
type Row = z.output<typeof row>;

export async function readCredentials(deps: AccountDeps, lane: Lane): Promise<Credentials> {
  const { rows } = await deps.pool.query({
    name: 'read-credentials',
    text: `SELECT id, client_id, kind, enabled, secrets, version, disabled_code, disabled_message
      FROM destinations WHERE client_id = $1 AND id = $2`,
    values: [lane.client_id, lane.destination_id],
  });
  if (rows[0] === undefined) return { version: null, ...refuse(lane, 'is not configured') };
  const current = row.parse(rows[0]);
  return { version: current.version, ...secretsOf(deps, lane, current) };
}

function secretsOf({ keyring, kinds, clock }: AccountDeps, lane: Lane, current: Row) {
  if (!current.enabled) {
    const { disabled_code: code, disabled_message: why } = current;
    if (code === null) return refuse(lane, 'is switched off', 'integration_disabled');
    return refuse(lane, `was switched off: ${why ?? code}`, code);
  }
  const specs = kinds.get(current.kind)?.secrets ?? {};
  const opened: Record<string, readonly string[]> = {};
  for (const [name, { isRequired }] of Object.entries(specs)) {
    const stored = current.secrets[name];
    const field = `${current.kind}.${name}`;
    if (stored === undefined) {
      if (isRequired) return refuse(lane, `has no ${field}`);
      continue;
    }
    const secret = open(keyring, current, name, stored, clock());
    if (!secret.ok) {
      const problem = `has a ${field} that cannot be opened (${secret.reason})`;
      return refuse(lane, problem, 'secret_unreadable');
    }
    opened[name] = secret.secrets;
  }
  return { ok: true, secrets: opened } as const;
}

/** Nothing can go out, and why; `problem` continues the destination's name. */
export function refuse(
  { name }: Pick<Lane, 'name'>,
  problem: string,
  code = 'not_configured',
): { readonly ok: false; readonly hold: Hold } {
  const what = problem.replace(/[.\s]*$/, '');
  const message = `${name} ${what}. Set it with "leadctl destination set ${name}"; what waits is then sent.`;
  return { ok: false, hold: { code, message, recheckAfterMs: null } };
}
