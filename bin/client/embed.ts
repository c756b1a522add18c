import { createHash } from 'node:crypto';
import { CliError } from '../cli/failure.ts';

const TIMEOUT_MS = 10_000;
/** The newest version: what a page holds the hash of never changes. */
const SCRIPT_PATH = '/embed/1.js';

export interface EmbedScript {
  readonly src: string;
  /** For the script tag’s `integrity`. */
  readonly integrity: string;
}

/**
 * The script for websites’ forms as this gateway serves it; `publicUrl` is where browsers reach it.
 * Rejects with fetch's own errors, or a `TimeoutError` after 10 s.
 */
export async function readEmbedScript(
  gatewayUrl: string,
  publicUrl: string,
  interruption: AbortSignal,
): Promise<EmbedScript> {
  const signal = AbortSignal.any([interruption, AbortSignal.timeout(TIMEOUT_MS)]);
  const response = await fetch(`${gatewayUrl}${SCRIPT_PATH}`, { signal });
  const text = await response.text();
  if (!response.ok) {
    throw new CliError(`${gatewayUrl} serves no script for forms`, {
      code: 'unexpected_answer',
      why: `GET ${SCRIPT_PATH}: ${response.status}`,
      next: 'check --url, LEADCTL_URL or the context, and that the platform is of this version',
    });
  }
  const digest = createHash('sha384').update(text).digest('base64');
  return { src: `${publicUrl}${SCRIPT_PATH}`, integrity: `sha384-${digest}` };
}
