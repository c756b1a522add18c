import { audit, type Actor } from '../../lib/audit/audit.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../lib/core/errors.ts';
import type { ClientId } from '../../lib/core/ids.ts';
import { clientExists, noSuchClient } from '../../lib/db/clients.ts';
import type { Database } from '../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../lib/db/scope.ts';
import type { Announcer } from '../../lib/events/announcer.ts';
import type { Keyring } from '../../lib/secrets/fernet.ts';
import type { IntegrationChecks, Checkable } from './checks/checks.ts';
import { changedIntegrations, differences, type ChangeContext } from './config/change.ts';
import { present } from './config/present.ts';
import { followSettings } from './sending/follow-settings.ts';
import type { Integrations, IntegrationsChange } from './config/shapes.ts';
import type { TestReport } from './checks/shapes.ts';
import { deliverySettingsOf, INTEGRATIONS, laneOf, type Integration } from './settings.ts';
import { moveOwnSource } from './sources/own.ts';
import * as sources from './sources/store.ts';
import * as store from './store.ts';

export interface IntegrationService {
  get(clientId: ClientId): Promise<Integrations | Failure>;
  /**
   * Changes them; what waits or is held goes out under the new settings. Once that is committed the
   * providers are asked whether it will work, unless `lint` is false: what they say is returned.
   */
  change(
    actor: Actor,
    clientId: ClientId,
    mode: ChangeContext['mode'],
    change: IntegrationsChange,
    options?: { readonly lint: boolean },
  ): Promise<Integrations | Failure>;
  /** Asks the provider whether it works. */
  test(
    clientId: ClientId,
    integration: Checkable,
    signal: AbortSignal,
  ): Promise<TestReport | Failure>;
}

export interface IntegrationServiceDeps {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly checks: IntegrationChecks;
  readonly announcer: Announcer;
  readonly clock: Clock;
}

/** How long a change waits for what the providers say of it. */
const LINT_MS = 3_000;

export function createIntegrationService(deps: IntegrationServiceDeps): IntegrationService {
  const { database, announcer, checks } = deps;
  return {
    async get(clientId) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const stored = await store.findIntegrations(unit);
        return present(clientId, stored, await store.findHeldLanes(unit), []);
      });
    },

    async change(actor, clientId, mode, change, { lint } = { lint: true }) {
      const changed = await database.inTransaction(clientScope(clientId), (unit) =>
        applyChange(deps, unit, actor, mode, change),
      );
      if (isFailure(changed)) return changed;
      for (const channel of CHANNELS) announcer.announce(channel);
      const warnings = lint
        ? await checks.lint({ clientId, ...changed }, AbortSignal.timeout(LINT_MS))
        : [];
      return present(clientId, changed.stored, changed.held, warnings);
    },

    async test(clientId, integration, signal) {
      const found = await database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const stored = await store.findIntegrations(unit);
        return { clientId, stored, pageIds: await sources.pageIds(unit) };
      });
      return isFailure(found) ? found : checks.run(found, integration, signal);
    },
  };
}

const CHANNELS = ['leadctl_deliveries', 'leadctl_events', 'leadctl_webhooks'] as const;

async function applyChange(
  deps: IntegrationServiceDeps,
  unit: ClientUnit,
  actor: Actor,
  mode: ChangeContext['mode'],
  change: IntegrationsChange,
) {
  const { clientId } = unit.scope;
  if (!(await clientExists(unit))) return noSuchClient(clientId);
  const before = await store.lockIntegrations(unit);
  const context = { clientId, keyring: deps.keyring, now: deps.clock(), mode };
  const wanted = changedIntegrations(before, change, context);
  if (isFailure(wanted)) return wanted;
  const changed = differences(before, wanted);
  if (changed.length === 0) {
    const pageIds = await sources.pageIds(unit);
    return { stored: before, changed, pageIds, held: await store.findHeldLanes(unit) };
  }
  const taken = await moveOwnSource(unit, before, wanted, deps.clock());
  if (isFailure(taken)) return taken;
  const settings = deliverySettingsOf(wanted.google_sheet_id, wanted.config);
  const stored = await store.saveIntegrations(unit, wanted, settings, deps.clock());
  for (const integration of INTEGRATIONS.filter((one) => concerns(changed, one))) {
    const lane = laneOf(clientId, integration, settings);
    await followSettings(unit, integration, lane, stored.version);
  }
  // Only now: the page that the settings name is a source of its own.
  const pageIds = await sources.pageIds(unit);
  await audit(unit, actor, {
    action: 'integration.update',
    targetKind: 'client',
    targetId: clientId,
    detail: { changed, version: stored.version },
  });
  return { stored, changed, pageIds, held: await store.findHeldLanes(unit) };
}

/** Whether a change is one of this integration's, so that what waits in it is concerned. */
function concerns(changed: readonly string[], integration: Integration): boolean {
  return changed.some(
    (path) =>
      path.startsWith(`config.${integration}.`) ||
      path === `${integration}_enabled` ||
      (integration === 'google_sheets' && path === 'google_sheet_id'),
  );
}
