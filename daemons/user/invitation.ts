import type { LinkSender } from '../../lib/accounts/link-sender.ts';
import { markShown, replaceLink, type NewLink } from '../../lib/accounts/password-links.ts';
import type { UserRow } from '../../lib/accounts/users.ts';
import type { ClientId } from '../../lib/core/ids.ts';
import type { Database } from '../../lib/db/database.ts';
import { globalScope, type Unit } from '../../lib/db/scope.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import type { Invitation } from './contract.ts';

/** A link that is made, and that nobody has been given yet. */
export interface PendingInvitation extends NewLink {
  readonly email: string;
}

export interface Invitations {
  /** A link for a user who has to set a password; it replaces earlier ones. In the caller's transaction. */
  make(
    unit: Unit,
    user: Pick<UserRow, 'id' | 'email'>,
    by: { readonly withinClient?: ClientId | undefined; readonly now: Date },
  ): Promise<PendingInvitation>;
  /** Mails it, or shows it to the inviter where that cannot be done. After the transaction. */
  deliver(pending: PendingInvitation): Promise<Invitation>;
}

export function createInvitations(deps: { database: Database; links: LinkSender }): Invitations {
  const { database, links } = deps;
  const show = ({ token, expiresAt }: PendingInvitation) => ({
    emailed: false,
    url: links.urlOf(token),
    token,
    expires_at: expiresAt.toISOString(),
  });
  return {
    async make(unit, user, { withinClient, now }) {
      const link = await replaceLink(unit, {
        userId: user.id,
        purpose: 'invitation',
        byMail: links.isByMail,
        withinClient,
        now,
      });
      return { ...link, email: user.email };
    },

    async deliver(pending) {
      if (!links.isByMail) return show(pending);
      const sent = await links.send(pending.email, 'invitation', pending);
      if (sent.ok) return { emailed: true, expires_at: pending.expiresAt.toISOString() };
      // Somebody else is about to see it: from now on it proves nothing.
      await database.inTransaction(globalScope, (unit) => markShown(unit, pending.token));
      return { ...show(pending), email_failure: sent.reason };
    },
  };
}

/** Whoever is no admin sees links that are good within their client only. */
export function withinOf(actor: UserIdentity, clientId: ClientId): ClientId | undefined {
  return actor.isAdmin ? undefined : clientId;
}
