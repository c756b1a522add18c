import { newId } from '../../../../lib/core/ids.ts';
import type { ProviderFailure } from '../../../../lib/providers/outcome.ts';
import { failed, incomplete, passed, refused } from '../../checks/check.ts';
import type { Check } from '../../checks/shapes.ts';
import type { CheckDeps, CheckSubject } from '../kind.ts';
import { webhookSettings } from './settings.ts';

/** Posts a signed test message, which is no lead: the receiver may tell it by its type. */
export async function checkWebhook(
  { settings: given, secret, signal }: CheckSubject,
  { clients, clock }: CheckDeps,
): Promise<readonly Check[]> {
  const settings = webhookSettings.safeParse(given);
  const signing = secret('signing_secret');
  const missing = [
    ...(settings.success ? [] : incomplete('webhook', settings.error)),
    ...('check' in signing ? [signing.check] : []),
  ];
  if (!settings.success || 'check' in signing) return missing;
  const { url, headers = {} } = settings.data;
  const sent = await clients.webhook.post({
    url,
    headers,
    id: `test_${newId()}`,
    body: JSON.stringify({ type: 'leadctl.ping', timestamp: clock().toISOString(), data: {} }),
    secrets: [signing.secret],
    signal,
  });
  if (sent.kind !== 'ok')
    return [sent.kind === 'permanent' ? disliked(sent) : refused('url', sent)];
  const { host } = new URL(url);
  const message = `${host} answered ${sent.value.status} to a signed test message of type leadctl.ping.`;
  return [passed('url', message)];
}

const disliked = ({ code, message }: ProviderFailure): Check =>
  failed('url', code, {
    message: `The test message of type leadctl.ping was refused: ${message.replace(/[.\s]*$/, '')}.`,
    remedy: 'Have the receiver answer 2xx to types that it does not know, too.',
  });
