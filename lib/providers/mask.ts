/** What may be shown of an e-mail address: `a***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at < 1) return '***';
  return `${firstCharacter(email)}***${email.slice(at)}`;
}

/** What may be shown of a phone number: its first two digits and its last two. */
export function maskPhone(phone: string): string {
  const digits = phone.replaceAll(/\D/g, '');
  if (digits.length < 7) return '***';
  return `${phone.startsWith('+') ? '+' : ''}${digits.slice(0, 2)}***${digits.slice(-2)}`;
}

/** What may be shown of any value out of a lead; enough to tell "Anna" from an empty field. */
export function maskPersonal(value: string): string {
  if (EMAIL.test(value)) return maskEmail(value);
  if (/^\+?[\d\s().-]{7,}$/.test(value)) return maskPhone(value);
  return value === '' ? '' : `${firstCharacter(value)}***`;
}

/**
 * Free text (a provider's error, say) without the secrets given and without anything that
 * looks like a token, an e-mail address or an international phone number.
 */
export function maskText(text: string, secrets: readonly string[] = []): string {
  let masked = text;
  for (const secret of secrets) {
    if (secret !== '') masked = masked.replaceAll(secret, '***');
  }
  return masked
    .replaceAll(TOKENS, '***')
    .replaceAll(/[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.\w+/g, (email) => maskEmail(email))
    .replaceAll(/\+\d[\d ().-]{5,}\d/g, (phone) => maskPhone(phone));
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;

// Meta's tokens, Google's tokens, bearer headers, tokens in a URL's query, PEM keys.
const TOKENS =
  /\bEA[A-Z][0-9A-Za-z]{20,}|\bya29\.[\w.-]+|(?<=\bBearer )[^\s,;]+|(?<=(?:access_token|appsecret_proof|input_token)=)[^&\s"]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;

function firstCharacter(text: string): string {
  const [first = ''] = text;
  return first;
}
