import { newId } from '../../../lib/core/ids.ts';
import { because, hold } from '../../../lib/providers/outcome.ts';
import { refuse } from './account.ts';
import { createLedger } from './ledger.ts';
import { createLaneStore, type LaneStore } from './lanes.ts';
import { createLaneRun, type LaneRun, type LaneRunDeps } from './run.ts';

/** Works the lane until it is empty, or the run is over. */
export type LaneWork = (run: LaneRun) => Promise<void>;

export interface LaneWorkerDeps extends Omit<LaneRunDeps, 'ledger'> {
  /** To one number, of one client, within 24 hours. */
  readonly messagesADay: number;
  /** By kind. */
  readonly work: ReadonlyMap<string, LaneWork>;
  /** Wakes the lane now, or in `inMs`. */
  readonly wakeLater: (laneKey: string, inMs: number) => Promise<void>;
}

const HEARTBEAT_MS = 10_000;
/** After it the lane is handed on, so that none keeps a worker from the others for long. */
const TURN_MS = 45_000;
/** Once stopping, calls under way may still end for so long. */
const LAST_CALLS_MS = 4_000;

/** Works one lane until it is empty; leaves it alone when another worker has it. */
export function createLaneWorker(deps: LaneWorkerDeps) {
  const lanes = createLaneStore(deps.run);
  const ledger = createLedger(deps.run, deps.messagesADay);
  return async (laneKey: string, signal: AbortSignal): Promise<void> => {
    const lease = newId();
    const lane = await lanes.acquire(laneKey, lease);
    if (lane === undefined) return;
    const turn = startTurn({ lanes, log: deps.log }, laneKey, lease, signal);
    try {
      const run = createLaneRun({ ...deps, ledger }, lane, lease, turn);
      // While the first are claimed: what they are sent with. An error comes up where it is asked for.
      run.credentials().catch(() => undefined);
      await (deps.work.get(lane.kind) ?? workOfNoKind)(run);
    } finally {
      turn.end();
      await lanes.release(laneKey, lease);
      // Whoever woke this lane while it was leased went away again: look once more after releasing.
      const dueInMs = await lanes.nextDueInMs(laneKey);
      if (dueInMs !== undefined && !signal.aborted) await deps.wakeLater(laneKey, dueInMs);
    }
  };
}

/** Of a kind that this version does not have: an older worker meets what a newer one made. */
async function workOfNoKind(run: LaneRun): Promise<void> {
  const claimed = await run.claim(1);
  const why = refuse(run.lane, `is of the kind ${run.lane.kind}, which this worker does not know`);
  await run.fail(claimed, because(hold('lane', ''), why.hold), null, { version: null });
}

function startTurn(
  deps: { readonly lanes: LaneStore; readonly log: LaneRunDeps['log'] },
  laneKey: string,
  lease: string,
  signal: AbortSignal,
) {
  const lost = new AbortController();
  const calls = new AbortController();
  const over = AbortSignal.any([signal, lost.signal, AbortSignal.timeout(TURN_MS)]);
  let lastCalls: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    lastCalls = setTimeout(() => calls.abort(), LAST_CALLS_MS);
  };
  signal.addEventListener('abort', onStop, { once: true });
  const beat = async (): Promise<void> => {
    try {
      if (!(await deps.lanes.extend(laneKey, lease))) lost.abort();
    } catch (error) {
      deps.log.warn({ err: error, lane: laneKey }, 'a lease was not extended');
    }
  };
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS);
  return {
    over,
    calls: calls.signal,
    end(): void {
      clearInterval(heartbeat);
      clearTimeout(lastCalls);
      signal.removeEventListener('abort', onStop);
    },
  };
}
