import { escapeAsMeta, hubSignature } from './signing.ts';

export interface OutgoingWebhook {
  readonly object: string;
  /** JSON, not yet escaped; ids may stand in it as integers that no number could hold. */
  readonly text: string;
  readonly delayMs?: number | undefined;
}

export interface SigningTarget {
  readonly appSecret: string;
  readonly webhookUrl: () => string;
}

const TIMEOUT_MS = 5_000;

/** Posts a webhook's escaped bytes with their signature; the answer's status, or null when none came. */
export async function postSigned(
  webhook: OutgoingWebhook,
  { appSecret, webhookUrl }: SigningTarget,
  signal: AbortSignal,
): Promise<number | null> {
  const body = escapeAsMeta(webhook.text);
  try {
    const response = await fetch(webhookUrl(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': hubSignature(body, appSecret),
        'user-agent': 'facebookexternalua',
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}
