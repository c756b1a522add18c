import { z } from 'zod';

/** All that Slack needs is in the address of the incoming webhook, which is a secret. */
export const slackSettings = z.strictObject({});
export type SlackSettings = z.output<typeof slackSettings>;

/** Which hosts may be called is the client's to judge: a double of Slack may be allowed by the operator. */
export const webhookUrl = z.string().trim().max(500).refine(isIncomingWebhook, {
  message: 'must be the address of an incoming webhook: https://hooks.slack.com/services/T…/B…/…',
});

function isIncomingWebhook(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname } = new URL(text);
  const isHttp = protocol === 'https:' || protocol === 'http:';
  return (
    isHttp &&
    username === '' &&
    password === '' &&
    /^\/services\/[\w-]+\/[\w-]+\/[\w-]+$/.test(pathname)
  );
}
