import type { ClientId } from '../../../lib/core/ids.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Destination } from '../destinations/model.ts';
import type { CheckDeps, Kinds } from '../kinds/kind.ts';
import { type StoredIntegrations, type Switched } from '../switchboard/model.ts';
import { INTEGRATIONS, isSwitch, type Integration } from '../switchboard/names.ts';
import { concerns } from '../switchboard/switched.ts';
import { notSet, secretsFor, warningsOf } from './check.ts';
import { checkMeta } from './meta.ts';
import type { Check, TestReport, Warning } from './shapes.ts';

export interface IntegrationSubject {
  readonly clientId: ClientId;
  readonly stored: StoredIntegrations;
  readonly switched: Switched;
  /** Pages whose leads are the client's. */
  readonly pageIds: readonly string[];
}

export interface IntegrationChecks {
  /** Asks the real thing whether a destination will work. */
  ofDestination(destination: Destination, signal: AbortSignal): Promise<readonly Check[]>;
  run(
    subject: IntegrationSubject,
    integration: Integration,
    signal: AbortSignal,
  ): Promise<TestReport>;
  /** What is wrong with those that were changed and are in use. */
  lint(
    subject: IntegrationSubject & { readonly changed: readonly string[] },
    signal: AbortSignal,
  ): Promise<Warning[]>;
}

export interface IntegrationCheckDeps extends CheckDeps {
  readonly keyring: Keyring;
  readonly kinds: Kinds;
}

/** Asks providers whether what is configured will work, before the first lead does. */
export function createIntegrationChecks(deps: IntegrationCheckDeps): IntegrationChecks {
  const { keyring, kinds, clock } = deps;
  const ofDestination: IntegrationChecks['ofDestination'] = async (destination, signal) => {
    const kind = kinds.get(destination.kind);
    if (kind === undefined) return [notSet(destination.kind)];
    const secret = secretsFor(keyring, destination, clock());
    return kind.check({ settings: destination.settings, secret, signal }, deps);
  };
  const checksOf = (subject: IntegrationSubject, integration: Integration, signal: AbortSignal) => {
    if (integration === 'meta') return checkMeta(deps, subject, signal);
    const destination = subject.switched[integration] ?? notMade(subject.clientId, integration);
    return ofDestination(destination, signal);
  };
  const run: IntegrationChecks['run'] = async (subject, integration, signal) => {
    const checks = [...(await checksOf(subject, integration, signal))];
    return { integration, ok: checks.every(({ status }) => status !== 'failed'), checks };
  };
  return {
    ofDestination,
    run,
    async lint({ changed, ...subject }, signal) {
      const used = INTEGRATIONS.filter((one) => isUsed(one, subject) && isChanged(changed, one));
      // What it is about is saved already: a check that breaks must not look like a failed save.
      const lintOne = (one: Integration): Promise<Warning[]> =>
        run(subject, one, signal).then(
          ({ checks }) => warningsOf(checks).map((warning) => ({ integration: one, ...warning })),
          () => [notChecked(one)],
        );
      return (await Promise.all(used.map(lintOne))).flat();
    },
  };
}

/** Checked as one in which nothing is set. */
function notMade(clientId: ClientId, kind: string): Destination {
  const at = new Date(0);
  return {
    id: '-',
    client_id: clientId,
    name: kind,
    kind,
    enabled: false,
    occasions: [],
    filter: {},
    settings: {},
    secrets: {},
    version: 0,
    disabled_code: null,
    disabled_message: null,
    created_at: at,
    updated_at: at,
  };
}

const notChecked = (integration: Integration): Warning => ({
  integration,
  code: 'not_checked',
  message: 'It was saved, and could not be checked.',
  remedy: `Check it with "leadctl integration test ${integration}".`,
});

function isUsed(integration: Integration, { stored, switched }: IntegrationSubject): boolean {
  if (isSwitch(integration)) return switched[integration]?.enabled === true;
  return stored.config.meta.page_access_token !== undefined;
}

function isChanged(changed: readonly string[], integration: Integration): boolean {
  if (isSwitch(integration)) return concerns(changed, integration);
  return changed.some((path) => path.replace('config.', '').startsWith('meta'));
}
