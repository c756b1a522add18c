import type { Kind } from '../kind.ts';
import { checkSlack } from './check.ts';
import { createSlackWork } from './send.ts';
import { slackSettings, webhookUrl } from './settings.ts';

export const slackKind: Kind = {
  kind: 'slack',
  title: 'Message in a Slack channel',
  settings: slackSettings,
  secrets: {
    webhook_url: {
      title: 'Address of the incoming webhook, as Slack shows it for the channel',
      given: webhookUrl,
      isRequired: true,
    },
  },
  // Slack knows no ids of messages: a repeat is a second line in the channel, and no lead is lost.
  doubt: 'safe_to_repeat',
  account: () => 'slack',
  createWork: ({ clients, clock }) => createSlackWork({ client: clients.slack, clock }),
  // It posts a line, which everybody in the channel reads: not for every save.
  check: checkSlack,
};
