const HIDDEN = '•';

/** `mia@acme.example` → `m***@acme.example`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at < 1) return '***';
  return `${firstOf(email)}***${email.slice(at)}`;
}

/** `+4915112345123` → `+49••••••••123`: enough to recognise, too little to call. */
export function maskPhone(phone: string): string {
  const text = phone.replaceAll(/[^\d+]/g, '');
  if (text.length < 7) return HIDDEN.repeat(5);
  const head = text.startsWith('+') ? text.slice(0, 3) : '';
  return `${head}${HIDDEN.repeat(text.length - head.length - 3)}${text.slice(-3)}`;
}

/** `Mia Muster` → `M*** M***`. */
export function maskName(name: string): string {
  return name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => `${firstOf(word)}***`)
    .join(' ');
}

const EMAIL = /[^\s@<>"',;:]{1,64}@[^\s@<>"',;:]{1,255}/gu;
/** Not what stands in an identifier or a path: `project_number:123456789012` is nobody's number. */
const PHONE = /(?<![\w:/#=-])\+?\d[\d ()./-]{6,20}\d(?![\w-])/g;

/** Hides addresses and numbers inside a free text, such as a provider's error message. */
export function maskText(text: string): string {
  return text.replace(EMAIL, maskEmail).replace(PHONE, maskPhone);
}

function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0x2a);
}
