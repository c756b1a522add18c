import type { Actor } from '../../../lib/audit/audit.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import {
  idCursor,
  readCursor,
  toPage,
  type Page,
  type PageQuery,
} from '../../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { IntegrationChecks } from '../checks/checks.ts';
import { describeKinds } from './described.ts';
import { noSuchDestination, type ActingDeps } from './acting.ts';
import { backfilled, released, removed } from './acts.ts';
import type { Destination } from './model.ts';
import { changed, created } from './saving.ts';
import { warningsOf } from '../checks/check.ts';
import { present, withMade } from './present.ts';
import type {
  Backfill,
  Backfilled,
  ChangedDestination,
  DestinationChange,
  DestinationKind,
  DestinationTest,
  DestinationWarning,
  MadeDestination,
  NewDestination,
  ReleasedDestination,
  ShownDestination,
} from './shapes.ts';
import * as store from './store.ts';

type UserActor = Actor & { readonly identity: UserIdentity };
interface LintOption {
  /** Undefined: where nobody sees the check. */
  readonly lint?: boolean | undefined;
}

export interface DestinationService {
  kinds(): readonly DestinationKind[];
  list(clientId: ClientId, query: PageQuery): Promise<Page<ShownDestination> | Failure>;
  get(clientId: ClientId, id: string): Promise<ShownDestination | Failure>;
  /** Secrets that nobody gave and that were made are in the answer, this once. */
  create(
    actor: Actor,
    clientId: ClientId,
    input: NewDestination,
    options: LintOption,
  ): Promise<MadeDestination | Failure>;
  /** What waits or is held goes out as it is from now on. */
  change(
    actor: Actor,
    clientId: ClientId,
    id: string,
    change: DestinationChange,
    options: LintOption,
  ): Promise<ChangedDestination | Failure>;
  /** What waits for it is skipped; its name is free again. */
  remove(actor: Actor, clientId: ClientId, id: string): Promise<Failure | undefined>;
  /** Asks the real thing whether it will work. */
  test(clientId: ClientId, id: string, signal: AbortSignal): Promise<DestinationTest | Failure>;
  /** Lifts the holds of its lanes: what waits is tried again now. */
  release(actor: Actor, clientId: ClientId, id: string): Promise<ReleasedDestination | Failure>;
  /** Owes it the leads of the actor's part of the client that it has nothing of. */
  backfill(
    actor: UserActor,
    clientId: ClientId,
    id: string,
    which: Backfill,
  ): Promise<Backfilled | Failure>;
}

export interface DestinationServiceDeps extends ActingDeps {
  readonly checks: Pick<IntegrationChecks, 'ofDestination'>;
}

/** How long a change waits for what a check says of it. */
const LINT_MS = 3_000;

export function createDestinationService(deps: DestinationServiceDeps): DestinationService {
  const { database, checks, kinds, clock } = deps;
  const described = describeKinds(kinds);

  const shown = (row: Destination, held: readonly store.HeldLane[]) =>
    present(row, { kinds, held, now: clock() });
  const findShown = (clientId: ClientId, id: string) =>
    database.inTransaction(clientScope(clientId), async (unit) => {
      const row = await store.findDestination(unit, id);
      return row === undefined ? noSuchDestination(id) : { row, held: await held(unit) };
    });
  const held = store.findHeldLanes;

  const lint = async (
    row: Destination,
    { lint: isWanted = kinds.get(row.kind)?.checkIsSilent ?? false }: LintOption,
  ): Promise<DestinationWarning[]> => {
    if (!isWanted || !row.enabled) return [];
    try {
      return warningsOf(await checks.ofDestination(row, AbortSignal.timeout(LINT_MS)));
    } catch {
      // It is saved already: a check that breaks must not look like a failed save.
      return [notChecked(row)];
    }
  };

  return {
    kinds: () => described,

    async list(clientId, { limit, cursor: text }) {
      const cursor = readCursor(text, idCursor);
      if (isFailure(cursor)) return cursor;
      const found = await database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const rows = await store.listDestinations(unit, { limit, afterId: cursor?.[0] });
        return { rows, held: await held(unit) };
      });
      if (isFailure(found)) return found;
      return toPage(
        found.rows,
        limit,
        (row) => [row.id],
        (row) => shown(row, found.held),
      );
    },

    async get(clientId, id) {
      const found = await findShown(clientId, id);
      return isFailure(found) ? found : shown(found.row, found.held);
    },

    async create(actor, clientId, input, options) {
      const made = await created(deps, actor, clientId, input);
      if (isFailure(made)) return made;
      const warnings = await lint(made.row, options);
      return { ...withMade(shown(made.row, []), made.made), warnings };
    },

    async change(actor, clientId, id, change, options) {
      const done = await changed(deps, actor, clientId, id, change);
      if (isFailure(done)) return done;
      const warnings = done.changed.some(isChecked) ? await lint(done.row, options) : [];
      return { ...shown(done.row, done.held), warnings };
    },

    remove: (actor, clientId, id) => removed(deps, actor, clientId, id),

    async test(clientId, id, signal) {
      const found = await findShown(clientId, id);
      if (isFailure(found)) return found;
      const { name, kind } = found.row;
      const results = [...(await checks.ofDestination(found.row, signal))];
      const ok = results.every(({ status }) => status !== 'failed');
      return { destination: { id, name, kind }, ok, checks: results };
    },

    release: (actor, clientId, id) => released(deps, actor, clientId, id),
    backfill: (actor, clientId, id, which) => backfilled(deps, actor, clientId, id, which),
  };
}

/** Whether a check may say something else of it than before. */
const isChecked = (changed: string): boolean =>
  changed === 'enabled' || changed.startsWith('settings.') || changed.startsWith('secrets.');

const notChecked = ({ name }: Destination): DestinationWarning => ({
  code: 'not_checked',
  message: 'It was saved, and could not be checked.',
  remedy: `Check it with "leadctl destination test ${name}".`,
});
