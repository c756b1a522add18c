import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';
import type { IntegrationChecks } from '../checks/checks.ts';
import type { TestReport } from '../checks/shapes.ts';
import { findHeldLanes, saveDestination } from '../destinations/store.ts';
import type { Kinds } from '../kinds/kind.ts';
import { followSettings } from '../sending/follow-settings.ts';
import { moveOwnSource } from '../sources/own.ts';
import { pageIds } from '../sources/store.ts';
import { changedIntegrations, differences, type ChangeContext } from './change.ts';
import { type Switched } from './model.ts';
import { perSwitch, SWITCHES, type Integration } from './names.ts';
import { present, type ShownLanes } from './present.ts';
import type { Integrations, IntegrationsChange } from './shapes.ts';
import * as store from './store.ts';
import { concerns, destinationAsSwitched } from './switched.ts';

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
    integration: Integration,
    signal: AbortSignal,
  ): Promise<TestReport | Failure>;
}

export interface IntegrationServiceDeps {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly kinds: Kinds;
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
        const { stored, switched } = await store.findSwitchboard(unit);
        return present(clientId, stored, await shownLanes(unit, switched), []);
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
      return present(clientId, changed.stored, changed.lanes, warnings);
    },

    async test(clientId, integration, signal) {
      const found = await database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        return {
          clientId,
          ...(await store.findSwitchboard(unit)),
          pageIds: await pageIds(unit),
        };
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
  const { stored: before, switched } = await store.lockSwitchboard(unit);
  const now = deps.clock();
  const ids = perSwitch((name) => switched[name]?.id ?? newId());
  const context = { clientId, keyring: deps.keyring, now, ids, mode };
  const wanted = changedIntegrations(before, change, context);
  if (isFailure(wanted)) return wanted;
  const changed = differences(before, wanted);
  if (changed.length === 0) return { ...(await after(unit)), changed };
  const taken = await moveOwnSource(unit, before, wanted, now);
  if (isFailure(taken)) return taken;
  const version = before.version + 1;
  await store.saveOwn(unit, { ...wanted, version }, now);
  for (const name of SWITCHES.filter((one) => concerns(changed, one))) {
    const next = destinationAsSwitched(clientId, name, wanted, {
      id: ids[name],
      before: switched[name],
      now,
    });
    await saveDestination(unit, next);
    await followSettings(unit, deps.kinds, next);
  }
  await store.keepEqual(unit);
  await audit(unit, actor, {
    action: 'integration.update',
    targetKind: 'client',
    targetId: clientId,
    detail: { changed, version },
  });
  return { ...(await after(unit)), changed };
}

/** As it stands now: the page that the settings name is a source of its own. */
async function after(unit: ClientUnit) {
  const board = await store.findSwitchboard(unit);
  return {
    ...board,
    pageIds: await pageIds(unit),
    lanes: await shownLanes(unit, board.switched),
  };
}

async function shownLanes(unit: ClientUnit, switched: Switched): Promise<ShownLanes> {
  const ids = SWITCHES.flatMap((name) => switched[name]?.id ?? []);
  return { held: await findHeldLanes(unit), switched: new Set(ids) };
}
