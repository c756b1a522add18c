import { hold, retry, type Verdict } from '../outcome.ts';

const NEW_WEBHOOK =
  'make a new incoming webhook for the channel in Slack and set it as webhook_url.';

/**
 * What an incoming webhook answers in plain text when it refuses
 * (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors").
 */
const byText: Readonly<Record<string, Verdict>> = {
  invalid_payload: { kind: 'permanent' },
  no_text: { kind: 'permanent' },
  user_not_found: hold('lane', `The user of this webhook is gone: ${NEW_WEBHOOK}`),
  channel_not_found: hold('lane', `The channel of this webhook is gone: ${NEW_WEBHOOK}`),
  channel_is_archived: hold('lane', `Bring the channel back from the archive, or ${NEW_WEBHOOK}`),
  action_prohibited: hold('lane', 'A Slack administrator forbids this: ask them to allow the app.'),
  posting_to_general_channel_denied: hold('lane', `Only some may post to #general: ${NEW_WEBHOOK}`),
  invalid_token: hold('lane', `The webhook is no longer valid: ${NEW_WEBHOOK}`),
  no_service: hold('lane', `The webhook was switched off or removed: ${NEW_WEBHOOK}`),
  no_active_hooks: hold('lane', `The webhook was switched off: ${NEW_WEBHOOK}`),
  no_service_id: hold('lane', `The address is not whole: ${NEW_WEBHOOK}`),
  no_team: hold('lane', `The workspace is gone: ${NEW_WEBHOOK}`),
  team_disabled: hold('lane', 'The workspace is disabled: its owner has to enable it in Slack.'),
  too_many_attachments: { kind: 'permanent' },
  rollup_error: retry(),
};

/** What Slack's answer means, by its text first and by its status where the text is not listed. */
export function verdictOfAnswer(status: number, text: string): Verdict {
  const listed = byText[text];
  if (listed !== undefined) return listed;
  if (status === 429) return retry({ scope: 'lane' });
  if (status >= 500 || status === 408) return retry();
  return hold('lane', `Slack refused the message: ${NEW_WEBHOOK}`);
}
