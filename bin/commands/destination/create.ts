import * as z from 'zod';
import {
  integrationContract,
  type MadeDestination,
} from '../../../daemons/integration/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { usageError } from '../../cli/failure.ts';
import { ifNotExistsOption } from '../../cli/specs.ts';
import { findDestination, lookUpKind, readKinds } from '../../client/destinations.ts';
import { connect } from '../../client/gateway.ts';
import { connectToClient } from '../../client/scope.ts';
import { changeInput, changeOptions, fromFile, lintQuery, typedOver } from './change.ts';
import { askSettings } from './ask-settings.ts';
import { noteUnchecked, noteWarnings } from './notes.ts';
import { askMissing } from './secrets.ts';
import { madeSecrets, newView, wholeView } from './view.ts';

const input = z.object({
  name: z.string(),
  kind: z.string().min(1).optional(),
  disabled: z.boolean().default(false),
  ifNotExists: z.boolean().default(false),
  ...changeInput,
});

/** `leadctl destination create`. */
export const defineDestinationCreate: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'create', {
    summary:
      'Send the leads of a client to another destination; a secret made for it is shown once',
    args: [{ name: '[name]', help: 'what it is called here, e.g. crm' }],
    guided: [
      { name: 'name', ask: 'What it is to be called here, e.g. crm', required: true },
      { name: 'kind', ask: 'Kind', choices: kindChoices },
    ],
    options: [
      { flags: '--kind <kind>', help: 'one of leadctl destination kinds' },
      ...changeOptions,
      { flags: '--disabled', help: 'made, but switched off' },
      ifNotExistsOption,
    ],
    input,
    examples: [
      'leadctl destination create crm --client acme --kind webhook --setting url=https://crm.example.com/hooks/leads',
      'leadctl destination create team --client acme --kind slack --secret-stdin webhook_url < webhook-url.txt',
      'leadctl destination create boss --client acme --kind email --setting to=manager,sales@acme.example --on lead.created,lead.assigned --filter source=website',
      'leadctl destination create sheet --client acme --kind google_sheets --setting spreadsheet_id=1AbC --secret-file service_account=sa.json',
    ],
    run: create,
  });
};

async function kindChoices(ctx: CommandContext): Promise<string[]> {
  return (await readKinds(await connect(ctx))).map(({ kind }) => kind);
}

async function create(ctx: CommandContext, asked: z.output<typeof input>): Promise<void> {
  const { name, disabled } = asked;
  const file = await fromFile(ctx, asked);
  const kindName = asked.kind ?? file.kind;
  if (kindName === undefined) {
    throw usageError('Of which kind is it to be?', '--kind KIND; leadctl destination kinds');
  }
  const gateway = await connectToClient(ctx);
  const kind = await lookUpKind(gateway, kindName);
  const { clientId } = gateway;
  const of = { name, clientId, given: asked.setting, file };
  const setting = [...asked.setting, ...(await askSettings(ctx, kind, of))];
  const body = await typedOver(
    ctx,
    gateway,
    { ...asked, setting },
    { file, kind, before: undefined },
  );
  const { settings, secrets = {} } = body;
  const more = await askMissing(ctx, kind, new Set(Object.keys(secrets)));
  const answer = await gateway.of(integrationContract).call('createDestination', {
    params: { client_id: gateway.clientId },
    query: lintQuery(asked),
    body: {
      ...body,
      name,
      kind: kindName,
      ...(disabled ? { enabled: false } : {}),
      settings,
      secrets: { ...secrets, ...more },
    },
  });
  if (asked.ifNotExists && !answer.ok && answer.problem.code === 'conflict') {
    const item = await findDestination(gateway, name);
    // Whoever reads `-o name` may expect a secret, which nobody can show again.
    if (ctx.flags.output !== 'name') await ctx.render(wholeView(item));
    await ctx.note(
      `'${name}' exists already and stays as it is; leadctl destination set changes it`,
    );
    return;
  }
  const made = bodyOf(answer);
  await showMade(ctx, made);
  await noteWarnings(ctx, made);
  if (kind && !asked.check) await noteUnchecked(ctx, made, kind);
}

async function showMade(ctx: CommandContext, made: MadeDestination): Promise<void> {
  await ctx.render(newView(made));
  const names = madeSecrets(made).map(([name]) => name);
  if (names.length > 0) {
    await ctx.note(`Keep the ${names.join(' and ')} now: it cannot be shown again`);
  }
}
