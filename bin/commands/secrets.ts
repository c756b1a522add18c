import * as z from 'zod';
import { withSettingFiles } from '../../lib/core/setting-files.ts';
import { type DefineCommand, defineVerb } from '../cli/command.ts';
import type { CommandContext } from '../cli/context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { write } from '../io.ts';
import type { Column } from '../ui/columns.ts';
import { secretSettings } from '../up/secrets-env.ts';
import { rotateAllSecrets, type RotateOutcome } from '../up/rotate-secrets.ts';

const input = z.object({
  dataDir: z.string().min(1).optional(),
  dryRun: z.boolean().default(false),
  newKey: z.boolean().default(false),
  dropOldKeys: z.boolean().default(false),
});

interface Result {
  readonly clients: number;
  readonly rotated: number;
  readonly failed: readonly string[];
  readonly dry_run: boolean;
  readonly key_added: boolean;
  readonly old_keys_dropped: boolean;
}

const columns: readonly Column<Result>[] = [
  { header: 'CLIENTS', value: (row) => row.clients },
  { header: 'ROTATED', value: (row) => row.rotated },
  { header: 'UNREADABLE', value: (row) => row.failed.join(', ') },
  { header: 'DRY RUN', value: (row) => row.dry_run },
  { header: 'KEY ADDED', value: (row) => row.key_added },
  { header: 'OLD KEYS DROPPED', value: (row) => row.old_keys_dropped },
];

/** `leadctl secrets …`: works on the database itself, as `migrate` does. */
export const defineSecrets: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'rotate', {
    summary:
      'Put every sealed secret under the newest Fernet key, while the platform runs. Every daemon must know that key before: append it to FERNET_KEYS, restart all, move it to the front, restart all, rotate, drop the old one',
    options: [
      {
        flags: '--data-dir <dir>',
        help: 'of an embedded installation; else DATABASE_URL and FERNET_KEYS say what to work on',
      },
      { flags: '--dry-run', help: 'only count the secrets that are under older keys' },
      {
        flags: '--new-key',
        help: 'make a key first (--data-dir only); while "up" runs it is used after a restart',
      },
      {
        flags: '--drop-old-keys',
        help: 'forget the older keys once nothing is under them (--data-dir only)',
      },
    ],
    input,
    examples: [
      'leadctl secrets rotate --data-dir .leadctl --new-key',
      'leadctl secrets rotate --data-dir .leadctl --drop-old-keys',
      'DATABASE_URL=postgres://… FERNET_KEYS=NEW,OLD leadctl secrets rotate --dry-run',
    ],
    run: rotate,
  });
  defineVerb(noun, cli, 'env', {
    summary:
      'Print the secrets that docker-compose.yml asks for, as lines of an .env file: what the environment has is kept, the rest is made, and each service’s own follow from them',
    input: z.object({}),
    examples: ['leadctl secrets env > .env', 'set -a; . ./.env; leadctl secrets env > .env.new'],
    run: printEnv,
  });
};

/** Plain lines rather than a table: it is for a file. */
async function printEnv(ctx: CommandContext): Promise<void> {
  const settings = secretSettings(withSettingFiles(ctx.io.env));
  if (ctx.flags.output === 'table') {
    await write(ctx.io.stdout, settings.map(({ name, value }) => `${name}=${value}\n`).join(''));
    return;
  }
  await ctx.render({
    rows: settings,
    columns: [
      { header: 'NAME', value: (row) => row.name },
      { header: 'VALUE', value: (row) => row.value },
    ],
    name: (row) => row.name,
  });
}

async function rotate(ctx: CommandContext, options: z.output<typeof input>): Promise<ExitCode> {
  const outcome = await rotateAllSecrets({
    env: withSettingFiles(ctx.io.env),
    dataDir: options.dataDir,
    isDryRun: options.dryRun,
    withNewKey: options.newKey,
    dropOldKeys: options.dropOldKeys,
    onProgress: (text) => ctx.note(text),
  });
  const { report } = outcome;
  const failed = (report?.failed ?? []).map(({ clientId, field }) => `${clientId} ${field}`);
  const item: Result = {
    clients: report?.clients ?? 0,
    rotated: report?.rotated ?? 0,
    failed,
    dry_run: options.dryRun,
    key_added: outcome.keyAdded,
    old_keys_dropped: outcome.oldKeysDropped,
  };
  await ctx.render({ item, columns, name: ({ rotated }) => String(rotated) });
  for (const line of whatNext(outcome, options.dryRun)) await ctx.note(line);
  return failed.length > 0 ? exitCodes.partly : exitCodes.ok;
}

function whatNext({ report, runningPid, oldKeysDropped }: RotateOutcome, isDryRun: boolean) {
  if (report === undefined) {
    return [
      `The key is written down, and nothing is under it: process ${runningPid} does not know it yet.`,
      'Next: restart "leadctl up", then: leadctl secrets rotate --data-dir …',
    ];
  }
  if (report.failed.length > 0) {
    return [
      'No key opens what is listed as unreadable. Bring its key back into the ring, or set the secret again: leadctl integration set',
    ];
  }
  if (isDryRun || oldKeysDropped) return [];
  return ['Everything is under the newest key; the older ones may be dropped.'];
}
