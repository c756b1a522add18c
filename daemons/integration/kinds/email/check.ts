import { maskEmail } from '../../../../lib/providers/mask.ts';
import { failed, incomplete, passed, refused } from '../../checks/check.ts';
import type { Check } from '../../checks/shapes.ts';
import type { CheckDeps, CheckSubject } from '../kind.ts';
import { NO_SERVER } from './send.ts';
import { emailSettings } from './settings.ts';

/** Logs in to the mail server; no mail is sent, since those who get them are people. */
export async function checkEmail(
  { settings: given }: CheckSubject,
  { clients }: CheckDeps,
): Promise<readonly Check[]> {
  const settings = emailSettings.safeParse(given);
  if (!settings.success) return incomplete('email', settings.error);
  const { mail } = clients;
  if (mail === undefined) return [failed('mail_server', NO_SERVER.code, NO_SERVER)];
  const verified = await mail.verify();
  if (verified.kind !== 'ok') return [refused('mail_server', verified)];
  const to = settings.data.to.map((one) => (one.includes('@') ? maskEmail(one) : one)).join(', ');
  const message = `The mail server ${mail.server} lets us in; no mail was sent. Leads go to ${to}.`;
  return [passed('mail_server', message)];
}
