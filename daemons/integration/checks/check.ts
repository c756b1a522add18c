import type { z } from 'zod';
import type { ProviderFailure } from '../../../lib/providers/outcome.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Destination } from '../destinations/model.ts';
import { open } from '../destinations/secrets.ts';
import type { CheckSubject } from '../kinds/kind.ts';
import type { Check, Warning } from './shapes.ts';

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
    remedy: 'Set it with "leadctl destination set" or "leadctl integration set".',
  });

/** What settings lack, or have wrong. */
export function incomplete(kind: string, { issues }: z.ZodError): Check[] {
  const fields = new Set(issues.map(({ path }) => `${kind}.${String(path[0] ?? 'settings')}`));
  return [...fields].map(notSet);
}

/** Opens a destination's secrets, or says in a check why one cannot be. */
export function secretsFor(
  keyring: Keyring,
  destination: Pick<Destination, 'id' | 'client_id' | 'kind' | 'secrets'>,
  now: Date,
): CheckSubject['secret'] {
  return (name) => {
    const field = `${destination.kind}.${name}`;
    const stored = destination.secrets[name];
    if (stored === undefined) return { check: notSet(field) };
    const opened = open(keyring, destination, name, stored, now);
    const [secret] = opened.ok ? opened.secrets : [];
    if (opened.ok && secret !== undefined) return { secret };
    return { check: unreadable(field, opened.ok ? 'malformed' : opened.reason) };
  };
}

/** What failed of checks, as a change is answered with it. */
export function warningsOf(checks: readonly Check[]): Omit<Warning, 'integration'>[] {
  return checks
    .filter(({ status }) => status === 'failed')
    .map(({ name, code, message, remedy }) => ({
      code: code ?? name,
      message,
      remedy: remedy ?? '',
    }));
}

export function unreadable(field: string, reason: string): Check {
  const message = `${field} cannot be opened (${reason}).`;
  const remedy = 'Set it again, or bring back the Fernet key that it is under.';
  return failed(field, 'secret_unreadable', { message, remedy });
}
