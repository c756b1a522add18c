import type { Clock } from '../../../lib/core/clock.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { SheetsClient } from '../../../lib/providers/google-sheets/client.ts';
import type { MetaClient } from '../../../lib/providers/meta/client.ts';
import type { WhatsAppClient } from '../../../lib/providers/whatsapp/client.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { Check, TestReport, Warning } from './shapes.ts';
import type { StoredIntegrations } from '../store.ts';
import { checkMeta } from './meta.ts';
import { checkSheets } from './sheets.ts';
import { checkWhatsApp } from './whatsapp.ts';

const CHECKABLE = ['whatsapp', 'google_sheets', 'meta'] as const;
export type Checkable = (typeof CHECKABLE)[number];

export interface CheckSubject {
  readonly clientId: ClientId;
  readonly stored: StoredIntegrations;
  /** Pages whose leads are the client's. */
  readonly pageIds: readonly string[];
}

export interface CheckDeps {
  readonly whatsApp: WhatsAppClient;
  readonly sheets: SheetsClient;
  readonly meta: MetaClient;
  readonly keyring: Keyring;
  /** Without it nothing can be said about what a token may do. */
  readonly appId: string | undefined;
  readonly clock: Clock;
}

export interface IntegrationChecks {
  run(subject: CheckSubject, integration: Checkable, signal: AbortSignal): Promise<TestReport>;
  /** What is wrong with those that were changed and are in use. */
  lint(
    subject: CheckSubject & { readonly changed: readonly string[] },
    signal: AbortSignal,
  ): Promise<Warning[]>;
}

export type RunCheck = (
  deps: CheckDeps,
  subject: CheckSubject,
  signal: AbortSignal,
) => Promise<Check[]>;

const CHECKS = {
  whatsapp: checkWhatsApp,
  google_sheets: checkSheets,
  meta: checkMeta,
} as const satisfies Record<Checkable, RunCheck>;

/** Asks providers whether what is configured will work, before the first lead does. */
export function createIntegrationChecks(deps: CheckDeps): IntegrationChecks {
  const run: IntegrationChecks['run'] = async (subject, integration, signal) => {
    const checks = await CHECKS[integration](deps, subject, signal);
    return { integration, ok: checks.every(({ status }) => status !== 'failed'), checks };
  };
  return {
    run,
    async lint({ changed, ...subject }, signal) {
      const used = CHECKABLE.filter((one) => isUsed(one, subject) && concerns(changed, one));
      // What it is about is saved already: a check that breaks must not look like a failed save.
      const lintOne = (one: Checkable): Promise<Warning[]> =>
        run(subject, one, signal).then(warningsOf, () => [notChecked(one)]);
      return (await Promise.all(used.map(lintOne))).flat();
    },
  };
}

function warningsOf({ integration, checks }: TestReport): Warning[] {
  return checks
    .filter(({ status }) => status === 'failed')
    .map(({ name, code, message, remedy }) => ({
      integration,
      code: code ?? name,
      message,
      remedy: remedy ?? '',
    }));
}

const notChecked = (integration: Checkable): Warning => ({
  integration,
  code: 'not_checked',
  message: 'It was saved, and could not be checked.',
  remedy: `Check it with "leadctl integration test ${integration}".`,
});

function isUsed(integration: Checkable, { stored }: CheckSubject): boolean {
  if (integration === 'meta') return stored.config.meta.page_access_token !== undefined;
  return integration === 'whatsapp' ? stored.whatsapp_enabled : stored.google_sheets_enabled;
}

function concerns(changed: readonly string[], integration: Checkable): boolean {
  const prefix = integration === 'google_sheets' ? 'google_sheet' : integration;
  return changed.some((path) => path.replace('config.', '').startsWith(prefix));
}
