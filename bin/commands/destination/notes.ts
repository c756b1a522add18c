import type {
  ChangedDestination,
  DestinationKind,
  ShownDestination,
} from '../../../daemons/integration/contract.ts';
import type { CommandContext } from '../../cli/context.ts';
import { maskText } from '../../ui/mask.ts';

/** What a check found wrong with what was saved. */
export async function noteWarnings(
  ctx: CommandContext,
  { warnings }: Pick<ChangedDestination, 'warnings'>,
): Promise<void> {
  for (const { message, remedy } of warnings) await ctx.note(`${message} ${remedy}`);
}

/** Why nothing goes out, if something keeps it. */
export async function noteTrouble(ctx: CommandContext, one: ShownDestination): Promise<void> {
  const client = `--client ${one.client_id}`;
  if (one.disabled !== null) {
    const why = maskText(one.disabled.message).replace(/[.\s]*$/, '');
    await ctx.note(
      `It was switched off by the platform: ${why}. leadctl destination enable ${one.name} ${client}`,
    );
  }
  for (const { account, message } of one.held) {
    await ctx.note(
      `${account} is held: ${maskText(message)} Then: leadctl destination release ${one.name} ${client}`,
    );
  }
}

/** A check that people see is nobody's to make unasked. */
export async function noteUnchecked(
  ctx: CommandContext,
  { name, client_id: clientId, enabled }: ShownDestination,
  kind: DestinationKind,
): Promise<void> {
  if (kind.check_is_silent || !enabled) return;
  await ctx.note(
    `Not checked, since people see that: leadctl destination test ${name} --client ${clientId}`,
  );
}
