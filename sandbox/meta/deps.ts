import type { WhatsAppDeps } from '../whatsapp/deps.ts';
import type { MetaLeads } from './leads.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { GraphTokens } from './tokens.ts';

export interface MetaDeps {
  readonly tokens: GraphTokens;
  readonly appSecret: string;
  readonly leads: MetaLeads;
  readonly subscriptions: Subscriptions;
  /** A node's id alone does not tell a lead from a phone number: one endpoint serves both. */
  readonly whatsapp: WhatsAppDeps;
}
