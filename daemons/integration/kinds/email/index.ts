import type { Kind } from '../kind.ts';
import { checkEmail } from './check.ts';
import { createEmailWork } from './send.ts';
import { emailSettings } from './settings.ts';

export const emailKind: Kind = {
  kind: 'email',
  title: 'E-mail to people or addresses',
  settings: emailSettings,
  // The mail server is the platform's own: SMTP_URL.
  secrets: {},
  // A mail carries the delivery's id as its own.
  doubt: 'safe_to_repeat',
  account: () => 'smtp',
  createWork: ({ clients, clock }) => createEmailWork({ client: clients.mail, clock }),
  checkIsSilent: true,
  check: checkEmail,
};
