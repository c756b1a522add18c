import type { Clock } from '../lib/core/clock.ts';
import type { Logger } from '../lib/telemetry/log.ts';
import { createFaultStore } from './faults/faults.ts';
import { createGoogleAccess } from './google/access.ts';
import { createMinuteQuota } from './google/quota.ts';
import { createSpreadsheets } from './google/spreadsheets.ts';
import { createHookReceivers } from './hooks/receivers.ts';
import type { SandboxLimits } from './limits.ts';
import { createMailbox } from './mail/mailbox.ts';
import { createIdSource } from './meta/ids.ts';
import { createMetaLeads } from './meta/leads.ts';
import { createSubscriptions } from './meta/subscriptions.ts';
import { createGraphTokens } from './meta/tokens.ts';
import { createBehaviourStore } from './meta/webhook-behaviour.ts';
import { createWebhookSender } from './meta/webhook-sender.ts';
import { createRequestLog } from './request-log.ts';
import { createSlackMessages } from './slack/slack.ts';
import { createWhatsAppLimits } from './whatsapp/limits.ts';
import { createMessageOutbox } from './whatsapp/outbox.ts';
import { createPhoneNumbers } from './whatsapp/phone-numbers.ts';
import { createTemplates } from './whatsapp/templates.ts';

export interface StateDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly appSecret: string;
  readonly webhookUrl: () => string;
  readonly limits: SandboxLimits;
}

export type SandboxState = ReturnType<typeof createSandboxState>;

/** Everything the sandbox knows: in memory only, each part bounded. */
export function createSandboxState(deps: StateDeps) {
  const { clock, limits } = deps;
  let revision = 0;
  const changed = () => {
    revision += 1;
  };
  const newId = createIdSource({ clock });
  const parts = {
    faults: createFaultStore(deps),
    requests: createRequestLog({ clock, keepEntries: limits.keepEntries, changed }),
    behaviour: createBehaviourStore(),
    sender: createWebhookSender({ ...deps, ...limits }),
    spreadsheets: createSpreadsheets(limits),
    googleAccess: createGoogleAccess({ clock }),
    writeQuota: createMinuteQuota({ clock }),
    leads: createMetaLeads({ clock, newId, keepEntries: limits.keepEntries }),
    subscriptions: createSubscriptions(),
    tokens: createGraphTokens(),
    templates: createTemplates({ newId }),
    phoneNumbers: createPhoneNumbers(),
    outbox: createMessageOutbox(limits),
    hooks: createHookReceivers({ clock, keepEntries: limits.keepEntries }),
    slackMessages: createSlackMessages(limits),
    mailbox: createMailbox(limits),
    whatsappLimits: createWhatsAppLimits({ clock }),
  };
  return {
    ...parts,
    changed,
    /** Grows with every change, so that the live page asks for nothing it has. */
    revision: () => revision,
    async reset() {
      for (const part of [parts.faults, parts.requests, parts.leads, parts.subscriptions]) {
        part.clear();
      }
      for (const part of [parts.tokens, parts.templates, parts.phoneNumbers, parts.outbox]) {
        part.clear();
      }
      for (const part of [parts.hooks, parts.slackMessages, parts.mailbox]) part.clear();
      for (const part of [parts.behaviour, parts.spreadsheets]) part.reset();
      for (const part of [parts.googleAccess, parts.whatsappLimits]) part.reset();
      parts.writeQuota.setLimit(undefined);
      changed();
      await parts.sender.reset();
    },
  };
}
