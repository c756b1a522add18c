import type { GraphTokens } from '../meta/tokens.ts';
import type { WhatsAppLimits } from './limits.ts';
import type { MessageOutbox } from './outbox.ts';
import type { PhoneNumbers } from './phone-numbers.ts';
import type { StatusDeps } from './statuses.ts';
import type { Templates } from './templates.ts';

export interface WhatsAppDeps extends StatusDeps {
  readonly tokens: GraphTokens;
  readonly appSecret: string;
  readonly templates: Templates;
  readonly phoneNumbers: PhoneNumbers;
  readonly outbox: MessageOutbox;
  readonly limits: WhatsAppLimits;
  readonly changed: () => void;
}
