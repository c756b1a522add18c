import type { Invitation } from '../../daemons/user/contract.ts';
import type { CommandContext } from '../cli/context.ts';

/** What a new user needs to set the first password; it cannot be shown again. */
export async function noteInvitation(
  ctx: CommandContext,
  invitation: Invitation | undefined,
): Promise<void> {
  if (invitation === undefined) return;
  const { url } = await ctx.settings();
  await ctx.note(
    [
      `Invited until ${invitation.expires_at}. To set a password, once, send this; the token is shown only now:`,
      `  curl -X POST ${url}/api/auth/password/set -H 'content-type: application/json' \\`,
      `    -d '{"token":"${invitation.token}","password":"…"}'`,
    ].join('\n'),
  );
}
