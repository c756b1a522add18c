import type { Invitation } from '../../../daemons/user/contract.ts';
import type { CommandContext } from '../../cli/context.ts';
import type { Column } from '../../ui/columns.ts';

/** What a new user needs to choose the first password; it cannot be shown again. */
export async function noteInvitation(
  ctx: CommandContext,
  invitation: Invitation | undefined,
): Promise<void> {
  if (invitation === undefined) return;
  const { emailed, url, expires_at: end, email_failure: failure } = invitation;
  if (emailed) {
    await ctx.note(`An invitation was mailed; its link works until ${end}`);
    return;
  }
  if (failure !== undefined) await ctx.note(`The invitation could not be mailed: ${failure}`);
  await ctx.note(
    `Invited until ${end}. Send them this link to choose a password; it works once and is shown only now:\n  ${url}`,
  );
}

type ShownInvitation = Invitation & { readonly email: string };

const columns: readonly Column<ShownInvitation>[] = [
  { header: 'EMAIL', value: (row) => row.email, keep: true },
  { header: 'MAILED', value: (row) => row.emailed },
  { header: 'LINK', value: (row) => row.url ?? null, keep: true },
  { header: 'UNTIL', value: (row) => row.expires_at },
  { header: 'NOT MAILED BECAUSE', value: (row) => row.email_failure ?? null },
];

/** Where the link is what was asked for. */
export const invitationView = { columns, name: (row: ShownInvitation) => row.url ?? row.email };
