import type { ClientId } from '../../../lib/core/ids.ts';
import type { Destination } from '../destinations/model.ts';
import type { StoredIntegrations, SwitchState } from './model.ts';
import { KNOWN, pathOf } from './wire.ts';
import type { Switch } from './names.ts';
import { defined } from '../../../lib/core/defined.ts';

/** Whether a change is one of this switch's, so that its destination is concerned. */
export function concerns(changed: readonly string[], name: Switch): boolean {
  const { settings, secrets } = KNOWN[name];
  const paths = [
    `${name}_enabled`,
    ...[...settings, ...secrets].map((field) => pathOf(name, field)),
  ];
  return changed.some((path) => paths.includes(path));
}

/** What the switchboard knows of a destination. */
export function stateOf(name: Switch, destination: Destination | undefined): SwitchState {
  const { enabled = false, settings = {}, secrets = {} } = destination ?? {};
  return {
    enabled,
    settings: defined(only(settings, KNOWN[name].settings)),
    secrets: defined(only(secrets, KNOWN[name].secrets)),
  };
}

/** These fields, undefined where they are not there. */
function only<T>(
  fields: Readonly<Record<string, T>>,
  names: readonly string[],
): Record<string, T | undefined> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

/** The destination behind a switch as it is to be; what the switchboard does not know of it stays. */
export function destinationAsSwitched(
  clientId: ClientId,
  name: Switch,
  wanted: StoredIntegrations,
  {
    id,
    before,
    now,
  }: { readonly id: string; readonly before: Destination | undefined; readonly now: Date },
): Destination {
  const { settings, secrets, enabled } = wanted.switches[name];
  return {
    id,
    client_id: clientId,
    name,
    kind: name,
    enabled,
    occasions: before?.occasions ?? ['lead.created'],
    filter: before?.filter ?? {},
    settings: defined({ ...before?.settings, ...only(settings, KNOWN[name].settings) }),
    secrets: defined({ ...before?.secrets, ...only(secrets, KNOWN[name].secrets) }),
    version: (before?.version ?? 0) + 1,
    disabled_code: null,
    disabled_message: null,
    created_at: before?.created_at ?? now,
    updated_at: now,
  };
}
