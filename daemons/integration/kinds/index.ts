import { emailKind } from './email/index.ts';
import { googleSheetsKind } from './google_sheets/index.ts';
import { kindsOf, type Kinds } from './kind.ts';
import { slackKind } from './slack/index.ts';
import { webhookKind } from './webhook/index.ts';
import { whatsAppKind } from './whatsapp/index.ts';

/** Every kind of destination that there is: one line each. */
export const KINDS: Kinds = kindsOf([
  whatsAppKind,
  googleSheetsKind,
  webhookKind,
  emailKind,
  slackKind,
]);
