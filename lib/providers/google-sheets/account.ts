import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';

/** What of a service account's JSON file is needed to act as it. */
export interface ServiceAccount {
  /** The address that a sheet is shared with. */
  readonly email: string;
  /** PEM. */
  readonly privateKey: string;
}

export type ParsedAccount =
  | { readonly ok: true; readonly account: ServiceAccount }
  | { readonly ok: false; readonly message: string };

const fileSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.email(),
  private_key: z.string().min(1),
});

/** Reads the JSON file that the Google Cloud console gives for a service account's key. */
export function parseServiceAccount(json: string): ParsedAccount {
  const file = fileSchema.safeParse(readJson(json));
  if (!file.success) return { ok: false, message: messageOf(file.error) };
  const { client_email: email, private_key: privateKey } = file.data;
  if (!isRsaKey(privateKey)) {
    const message =
      'The private_key of the service account is no RSA key in PEM form: make a new JSON key in the Google Cloud console.';
    return { ok: false, message };
  }
  return { ok: true, account: { email, privateKey } };
}

// Names the fields only: their values are secret.
function messageOf(error: z.ZodError): string {
  const fields = error.issues.map(({ path }) => path.join('.')).filter((path) => path !== '');
  const wrong = fields.length === 0 ? 'It is not a JSON object' : `Wrong: ${fields.join(', ')}`;
  return `This is not a service account's JSON key file. ${wrong}; make one in the Google Cloud console, under the service account's Keys.`;
}

function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
