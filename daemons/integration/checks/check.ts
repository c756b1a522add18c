import type { ClientId } from '../../../lib/core/ids.ts';
import type { ProviderFailure } from '../../../lib/providers/outcome.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import { openFor } from '../../../lib/secrets/sealed.ts';
import type { Check } from './shapes.ts';
import { SECRET_FIELDS, type SealedSecret } from '../settings.ts';

export const passed = (name: string, message: string): Check => ({
  name,
  status: 'ok',
  code: null,
  message,
  remedy: null,
});

export const failed = (
  name: string,
  code: string,
  { message, remedy }: { readonly message: string; readonly remedy: string },
): Check => ({ name, status: 'failed', code, message, remedy });

/** `remedy` says how to have it checked. */
export const skipped = (name: string, message: string, remedy: string): Check => ({
  name,
  status: 'skipped',
  code: null,
  message,
  remedy,
});

/** What the provider said, and what to do about it. */
export function refused(name: string, failure: ProviderFailure): Check {
  const what = failure.message.replace(/[.\s]*$/, '');
  const remedy =
    failure.kind === 'hold' ? failure.remedy : 'The provider may be busy: try again in a minute.';
  return failed(name, failure.code, { message: `${what}.`, remedy });
}

export const notSet = (name: string): Check =>
  failed(name, 'not_configured', {
    message: `${name} is not set.`,
    remedy: 'Set it with "leadctl integration set".',
  });

/** The secret, or the check that says why there is none. */
export function openSecret(
  keyring: Keyring,
  clientId: ClientId,
  integration: keyof typeof SECRET_FIELDS,
  secret: SealedSecret | undefined,
): { readonly secret: string } | { readonly check: Check } {
  const field = SECRET_FIELDS[integration];
  if (secret === undefined) return { check: notSet(field) };
  const opened = openFor(keyring, { clientId, field }, secret.sealed);
  if (opened.ok) return { secret: opened.secret };
  const message = `${field} cannot be opened (${opened.reason}).`;
  const remedy = 'Set it again, or bring back the Fernet key that it is under.';
  return { check: failed(field, 'secret_unreadable', { message, remedy }) };
}
