import { fail, isFailure, type Failure, type FieldError } from '../../../lib/core/errors.ts';
import { fieldErrors } from '../../../lib/http/validate.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Kind } from '../kinds/kind.ts';
import type { SecretSpec } from '../kinds/secret-spec.ts';
import { isSwitch } from '../switchboard/names.ts';
import type { Destination, StoredSecrets } from './model.ts';
import { reseal } from './secrets.ts';

export function invalid(errors: readonly FieldError[]): Failure {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail = first ? `${first.path}: ${first.message}${more}.` : 'The request is not valid.';
  return fail('validation_failed', detail, { errors });
}

/** The switchboard shows the destinations of two names, and can show them only of the kind of that name. */
export function judgeName(name: string, kind: string): Failure | undefined {
  if (!isSwitch(name) || name === kind) return undefined;
  const message = `is the name of the ${name} integration, and only for a destination of that kind; choose another`;
  return invalid([{ path: 'body.name', message }]);
}

/** Settings as the kind has them, its defaults filled in, as they are kept. */
export function judgeSettings(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
): Destination['settings'] | Failure {
  const parsed = kind.settings.safeParse(given);
  if (!parsed.success) return invalid(fieldErrors(parsed.error, 'body.settings'));
  return Object.fromEntries(
    Object.entries(parsed.data).filter(([, value]) => value !== undefined && value !== null),
  );
}

export interface JudgedSecrets {
  readonly secrets: StoredSecrets;
  /** In clear, those that nobody gave and that were made. */
  readonly made: Readonly<Record<string, string>>;
}

export interface SecretsContext {
  readonly keyring: Keyring;
  readonly now: Date;
  readonly place: Pick<Destination, 'id' | 'kind' | 'client_id'>;
  /** Undefined for a destination that is being made. */
  readonly before: StoredSecrets | undefined;
}

/** The secrets as they are to be: those given sealed, the others as they were, missing ones made. */
export function judgeSecrets(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  context: SecretsContext,
): JudgedSecrets | Failure {
  const errors: FieldError[] = unknownNames(kind, given);
  const secrets: StoredSecrets = { ...context.before };
  const made: Record<string, string> = {};
  for (const [name, spec] of Object.entries(kind.secrets)) {
    const wanted = wantedSecret(name, spec, given[name], context);
    if (isFailure(wanted)) errors.push(...(wanted.extra.errors ?? []));
    else if (wanted.kind === 'none') delete secrets[name];
    else if (wanted.kind === 'new') {
      const { keyring, now, place, before } = context;
      const { secret, isMade } = wanted;
      secrets[name] = reseal(keyring, place, { name, spec, now }, secret, before?.[name]);
      if (isMade) made[name] = secret;
    }
  }
  return errors.length > 0 ? invalid(errors) : { secrets, made };
}

function unknownNames(kind: Kind, given: Readonly<Record<string, unknown>>): FieldError[] {
  const known = Object.keys(kind.secrets);
  const those = known.length === 0 ? 'none' : known.join(', ');
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `body.secrets.${name}`,
      message: `is no secret of the kind ${kind.kind}, which has ${those}`,
    }));
}

type Wanted =
  | { readonly kind: 'as_before' | 'none' }
  | { readonly kind: 'new'; readonly secret: string; readonly isMade: boolean };

function wantedSecret(
  name: string,
  spec: SecretSpec,
  given: unknown,
  { before }: SecretsContext,
): Wanted | Failure {
  const path = `body.secrets.${name}`;
  if (given === undefined || given === null || isMark(given)) {
    if (before !== undefined) {
      if (given !== null) return { kind: 'as_before' };
      if (!spec.isRequired) return { kind: 'none' };
      return invalid([
        { path, message: 'is needed to send anything; give another one in its place' },
      ]);
    }
    if (spec.make) return { kind: 'new', secret: spec.make(), isMade: true };
    if (!spec.isRequired) return { kind: 'none' };
    return invalid([{ path, message: `is required: ${spec.title}` }]);
  }
  const parsed = spec.given.safeParse(given);
  if (!parsed.success) return invalid(fieldErrors(parsed.error, path));
  return { kind: 'new', secret: parsed.data, isMade: false };
}

/** What a secret is read back as. */
function isMark(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'set' in given && given.set === true;
}
