import { createHmac } from 'node:crypto';

/**
 * JSON as Meta sends and signs it: everything beyond ASCII as `\u00e4`, and `/ < % @` escaped too.
 * Only these bytes verify; a receiver that parses and re-serialises the body computes another signature.
 */
export function escapeAsMeta(jsonText: string): string {
  return jsonText.replaceAll(/[/<%@\u0080-\uffff]/g, (character) =>
    character === '/' ? String.raw`\/` : unicodeEscape(character),
  );
}

function unicodeEscape(character: string): string {
  return String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0');
}

/** The value of `X-Hub-Signature-256` over these very bytes. */
export function hubSignature(body: string, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body, 'utf8').digest('hex')}`;
}

/** `appsecret_proof`: the access token signed with the app's secret. */
export function appSecretProof(accessToken: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(accessToken).digest('hex');
}
