import { randomInt } from 'node:crypto';

const TIMEOUT_MS = 5_000;

/** Asks a callback to echo a challenge, as Meta does before it sends webhooks there; the reason when it fails. */
export async function verifyCallback(
  callbackUrl: string,
  verifyToken: string,
): Promise<string | undefined> {
  if (!/^https?:\/\//.test(callbackUrl)) return 'the callback is not an http(s) URL';
  const challenge = String(randomInt(1_000_000_000));
  const url = new URL(callbackUrl);
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.challenge', challenge);
  url.searchParams.set('hub.verify_token', verifyToken);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const answer = await response.text();
    if (response.status !== 200) return `HTTP Status Code = ${response.status}`;
    return answer === challenge ? undefined : 'the response does not match the challenge';
  } catch {
    return 'the callback did not answer';
  }
}
