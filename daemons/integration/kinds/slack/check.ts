import { passed, refused } from '../../checks/check.ts';
import type { Check } from '../../checks/shapes.ts';
import type { CheckDeps, CheckSubject } from '../kind.ts';

const HELLO = 'leadctl is connected: leads come to this channel.';

/** Slack tells only of a message that is posted whether it would post one: so a line is posted. */
export async function checkSlack(
  { secret, signal }: CheckSubject,
  { clients }: CheckDeps,
): Promise<readonly Check[]> {
  const webhookUrl = secret('webhook_url');
  if ('check' in webhookUrl) return [webhookUrl.check];
  const sent = await clients.slack.post({ webhookUrl: webhookUrl.secret, text: HELLO, signal });
  if (sent.kind !== 'ok') return [refused('webhook_url', sent)];
  return [passed('webhook_url', `Slack took the message "${HELLO}", which is in the channel now.`)];
}
