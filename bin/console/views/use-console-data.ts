import { useEffect, useRef, useState } from 'react';
import type { Gateway } from '../../client/gateway.ts';
import type { ConsoleEnv } from '../env.ts';
import type { Resource } from '../resource.ts';
import { type ConsoleAction, type ConsoleState, listOf } from '../state.ts';

/** Where the console has its data from. */
export interface ConsoleSource {
  readonly gateway: Gateway;
  readonly now: () => Date;
  /** What the caller may do, in the client or without one. */
  readonly rightsIn: (client: string | undefined) => Promise<ConsoleEnv['may']>;
  /** Calls back for each thing that happens to the client's leads, until `signal` ends it. */
  readonly follow: (
    client: string,
    on: {
      readonly event: () => void;
      readonly state: (connection: ConsoleState['connection']) => void;
    },
    signal: AbortSignal,
  ) => Promise<void>;
  readonly describe: (error: unknown) => string;
}

interface Deps {
  readonly state: ConsoleState;
  readonly dispatch: (action: ConsoleAction) => void;
  readonly source: ConsoleSource;
  readonly resources: readonly Resource[];
}

/** What nothing tells us of is read again this seldom. */
const IDLE_MS = 10_000;
/** However much happens, the list is read again no more often than this. */
const BUSY_MS = 2_000;

/** Reads what is on the screen, again when something happens, and follows the client's stream. */
export function useConsoleData({ state, dispatch, source, resources }: Deps): void {
  const { client, reveal, wanted } = state;
  const { resource: name } = listOf(state);
  const may = useRights(source, client);
  const happened = useRef(false);

  useEffect(() => {
    const resource = resources.find((one) => one.name === name);
    if (resource === undefined) return undefined;
    const ended = new AbortController();
    const { signal } = ended;
    let isReading = false;
    const read = async (): Promise<void> => {
      if (isReading) return;
      isReading = true;
      try {
        const env = { gateway: source.gateway, now: source.now, client, reveal, may, signal };
        const listing = await resource.load(env);
        if (!signal.aborted)
          dispatch({ kind: 'listing', resource: name, listing, knowsRights: may !== nothing });
      } catch (error) {
        if (!signal.aborted) dispatch({ kind: 'trouble', why: source.describe(error) });
      } finally {
        isReading = false;
      }
    };
    void read();
    let sinceMs = 0;
    const timer = setInterval(() => {
      sinceMs += BUSY_MS;
      if (!(resource.isLive && happened.current) && sinceMs < IDLE_MS) return;
      happened.current = false;
      sinceMs = 0;
      void read();
    }, BUSY_MS);
    return () => {
      clearInterval(timer);
      ended.abort();
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- `wanted` counts up to have it read at once
  }, [resources, source, dispatch, name, client, reveal, may, wanted]);

  useEffect(() => {
    if (client === undefined) return undefined;
    const ended = new AbortController();
    const on = {
      event: () => {
        happened.current = true;
      },
      state: (connection: ConsoleState['connection']) =>
        dispatch({ kind: 'connection', connection }),
    };
    source.follow(client, on, ended.signal).catch(() => on.state('none'));
    return () => ended.abort();
  }, [source, client, dispatch]);
}

const nothing = (): boolean => false;

/** Until they are known nothing is offered. */
function useRights(source: ConsoleSource, client: string | undefined): ConsoleEnv['may'] {
  const [may, setMay] = useState<{ readonly is: ConsoleEnv['may'] }>({ is: nothing });
  useEffect(() => {
    let isOver = false;
    const ask = async (): Promise<void> => {
      const is = await source.rightsIn(client);
      if (!isOver) setMay({ is });
    };
    // Who cannot be asked about may nothing: what is read says why.
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [source, client]);
  return may.is;
}
