import { sha256 } from '../../lib/secrets/tokens.ts';

/** By what a lead that was erased is known again when its provider tells of it once more. */
export function referenceDigest(clientId: string, reference: string): Buffer {
  return sha256(`${clientId}:${reference}`);
}
