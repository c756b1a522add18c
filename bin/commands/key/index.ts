import * as z from 'zod';
import { API_KEY_SCOPES, type ApiKey, leadContract } from '../../../daemons/lead/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import {
  allOption,
  duration,
  ifNotExistsOption,
  limitOf,
  limitOption,
  listInput,
  momentToCome,
} from '../../cli/specs.ts';
import { findCurrentKey, listKeys } from '../../client/keys.ts';
import { listUpTo } from '../../client/paging.ts';
import { connectToClient } from '../../client/scope.ts';
import { defineKeyDescribe } from './describe.ts';
import { keyView, type NewKey, newKeyView, stateOf } from './view.ts';
import { defineKeySnippet } from './snippet.ts';
import { noteMore } from '../shared/list-note.ts';

const keyArgument = { name: '<key>', help: 'name or id of the key', complete: 'keys' } as const;

const newKeyInput = z.object({
  name: z.string(),
  prefix: z.string().optional(),
  scope: z.array(z.enum(API_KEY_SCOPES)).optional(),
  origin: z.array(z.string()).optional(),
  perMinute: z
    .union([z.literal('none').transform(() => null), z.coerce.number().int().positive()])
    .optional(),
  expires: z
    .string()
    .transform(momentToCome(() => new Date()))
    .optional(),
  ifNotExists: z.boolean().default(false),
});

/** `leadctl key …`: the API keys of a client. */
export const defineKey: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary: 'Make an API key; its value is shown this once',
    args: [{ name: '[name]', help: 'what it is for, e.g. website' }],
    guided: [
      { name: 'name', ask: 'What the key is for, e.g. website', required: true },
      {
        name: 'origin',
        ask: 'Sites whose forms use it, e.g. https://acme.example, with commas between',
        list: true,
      },
    ],
    options: [
      { flags: '--prefix <text>', help: 'begins the key' },
      {
        flags: '--scope <scope>',
        help: 'what it may do; may be repeated (leads:ingest)',
        choices: API_KEY_SCOPES,
        repeat: true,
      },
      {
        flags: '--origin <origin>',
        help: 'site whose forms may use it from a browser; may be repeated',
        repeat: true,
      },
      { flags: '--per-minute <n>', help: 'most leads a minute, or none for no limit (600)' },
      { flags: '--expires <time>', help: 'when it stops working: 2027-01-01, or from now: 30d' },
      ifNotExistsOption,
    ],
    input: newKeyInput,
    examples: [
      'leadctl key create website --client acme --origin https://acme.example',
      'leadctl key create ci --client acme -o name > key.txt',
    ],
    run: createKey,
  });
  defineVerb(noun, cli, 'ls', {
    summary: 'List the API keys of a client, without their values',
    options: [limitOption, allOption],
    input: z.object(listInput(1_000)),
    examples: ['leadctl key ls --client acme', 'leadctl key ls --client acme -o wide'],
    run: async (ctx, input) => {
      const found = await listUpTo(listKeys(await connectToClient(ctx)), limitOf(input));
      await ctx.render({ ...keyView(ctx.now()), rows: found.items });
      await noteMore(ctx, found);
    },
  });
  defineKeySnippet(noun, cli);
  defineKeyDescribe(noun, cli);
  defineVerb(noun, cli, 'rotate', {
    summary: 'Replace an API key; the new value is shown this once',
    args: [keyArgument],
    options: [
      { flags: '--overlap <time>', help: 'how long the old one works on: 90s, 1h, 7d (0)' },
    ],
    input: z.object({
      key: z.string(),
      overlap: z.string().default('0').transform(duration),
    }),
    examples: ['leadctl key rotate website --client acme --overlap 1h -o name > key.txt'],
    run: rotateKey,
  });
  defineVerb(noun, cli, 'revoke', {
    summary: 'Revoke an API key, everywhere within a second',
    args: [keyArgument],
    input: z.object({ key: z.string() }),
    examples: ['leadctl key revoke website --client acme --yes'],
    run: async (ctx, { key: text }) => {
      const gateway = await connectToClient(ctx);
      const { key, others } = await findCurrentKey(gateway, text);
      await ctx.confirm({
        question: `Revoke the key ${nameAndState(key, ctx.now())} of ${gateway.clientId}? What uses it is refused at once.`,
      });
      const params = { client_id: gateway.clientId, key_id: key.id };
      bodyOf(await gateway.of(leadContract).call('revokeApiKey', { params }));
      await ctx.note(`Revoked '${key.name}' (${key.id})`);
      await noteOthers(ctx, others);
    },
  });
};

async function createKey(ctx: CommandContext, input: z.output<typeof newKeyInput>): Promise<void> {
  const { name, prefix, scope, origin, perMinute, expires } = input;
  const gateway = await connectToClient(ctx);
  const made = await gateway.of(leadContract).call('createApiKey', {
    params: { client_id: gateway.clientId },
    body: {
      name,
      ...(prefix === undefined ? {} : { prefix }),
      ...(scope === undefined ? {} : { scopes: scope }),
      ...(origin === undefined ? {} : { allowed_origins: origin }),
      ...(perMinute === undefined ? {} : { rate_limit_per_minute: perMinute }),
      ...(expires === undefined ? {} : { expires_at: expires }),
    },
  });
  if (input.ifNotExists && !made.ok && made.problem.code === 'conflict') {
    const { key: item } = await findCurrentKey(gateway, name);
    // Whoever reads `-o name` expects the key itself, which nobody can show again.
    if (ctx.flags.output !== 'name') await ctx.render({ ...keyView(ctx.now()), item });
    await ctx.note(
      `'${name}' exists already; its value cannot be shown again. leadctl key rotate makes a new one`,
    );
    return;
  }
  await showNew(ctx, bodyOf(made));
}

async function rotateKey(
  ctx: CommandContext,
  { key: text, overlap }: { readonly key: string; readonly overlap: number },
): Promise<void> {
  const gateway = await connectToClient(ctx);
  const { key: old, others } = await findCurrentKey(gateway, text);
  if (overlap === 0) {
    await ctx.confirm({
      question: `Rotate the key '${old.name}' (${old.key_prefix}…) of ${gateway.clientId}? The old one is refused at once; --overlap keeps it for a while.`,
    });
  }
  const made = await gateway.of(leadContract).call('rotateApiKey', {
    params: { client_id: gateway.clientId, key_id: old.id },
    body: { overlap_seconds: overlap },
  });
  await showNew(ctx, bodyOf(made));
  await noteOthers(ctx, others);
}

async function showNew(ctx: CommandContext, key: NewKey): Promise<void> {
  await ctx.render({ ...newKeyView, item: key });
  await ctx.note('Keep the key now: it is not stored and cannot be shown again');
}

async function noteOthers(ctx: CommandContext, others: readonly ApiKey[]): Promise<void> {
  for (const key of others.filter((one) => stateOf(one, ctx.now()) !== 'expired')) {
    await ctx.note(
      `An older key ${nameAndState(key, ctx.now())} still works: leadctl key revoke ${key.id}`,
    );
  }
}

/** `'website' (acme_live_a…, ends 2026-03-01T12:00:00.000Z, id …)` */
function nameAndState(key: ApiKey, now: Date): string {
  const state = stateOf(key, now);
  const when = state === 'ends' ? ` ${key.expires_at}` : '';
  return `'${key.name}' (${key.key_prefix}…, ${state}${when}, id ${key.id})`;
}
