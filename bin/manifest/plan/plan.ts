import type { Manifest } from '../schema.ts';
import type { PlatformState, Secret } from '../state.ts';
import type { Plan, Step } from '../step.ts';
import { planCatalogue } from './catalogue.ts';
import { planClient } from './client.ts';
import { planRoles } from './roles.ts';
import { planRemovals, type Owned, type Removals } from './removals.ts';

export interface Wanted {
  readonly manifest: Manifest;
  /** The secrets of a client's integrations, by dotted path. */
  readonly secretsOf: (clientId: string) => ReadonlyMap<string, Secret>;
  /** What the set made and may therefore be removed; nothing without `--prune`. */
  readonly owned: readonly Owned[];
}

/**
 * The steps from what is there to what the manifest says. Makes come first and everything before what
 * needs it; removals come last, and everything after what still needs it.
 */
export function planChanges(
  current: PlatformState,
  wanted: Wanted,
): Plan & Pick<Removals, 'stale'> {
  const { manifest } = wanted;
  const problems: string[] = [];
  const removals = planRemovals(current, manifest, wanted.owned);
  const steps: Step[] = [
    ...planRoles(current, manifest.roles, problems),
    ...planCatalogue(current, manifest),
    ...manifest.clients.flatMap((client) =>
      planClient(current, {
        client,
        roles: manifest.roles,
        secrets: wanted.secretsOf(client.client_id),
        removed: removals.membersOf(client.client_id),
        problems,
      }),
    ),
    ...removals.steps,
  ];
  return { steps, problems, stale: removals.stale };
}
