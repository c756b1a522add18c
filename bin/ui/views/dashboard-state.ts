import type { ConnectionState } from '../../client/events.ts';

/** What the dashboard shows; texts are safe to print and masked as they should be. */
export interface DashboardData {
  readonly at: Date;
  /** Leads of each of the last minutes, the oldest first; none where they are not to be seen. */
  readonly perMinute: readonly number[];
  /** None where they are not to be seen; `problems` says why. */
  readonly statuses: readonly StatusCount[];
  readonly lanes: readonly LaneLine[] | undefined;
  readonly services: readonly ServiceLine[];
  /** One line a client, where no single client is watched. */
  readonly clients: readonly ClientLine[] | undefined;
  readonly newest: readonly LeadLine[];
  readonly problems: readonly string[];
}

export type Weight = 'usual' | 'good' | 'warning' | 'bad';

export interface StatusCount {
  readonly status: string;
  readonly count: number;
  readonly weight: Weight;
}

export interface LaneLine {
  readonly name: string;
  readonly waiting: number;
  readonly heldAt: Date | undefined;
  /** Why it is held, or until when it pauses. */
  readonly why: string | undefined;
}

export interface ServiceLine {
  readonly name: string;
  readonly isUp: boolean;
  readonly detail: string;
}

export interface ClientLine {
  readonly clientId: string;
  readonly lastMinute: number;
  readonly lastHour: number;
  readonly waiting: number;
  readonly failed: number;
  readonly held: number;
  readonly problem: string;
}

export interface LeadLine {
  /** Ids are in order of time. */
  readonly id: string;
  readonly at: Date;
  readonly name: string;
  readonly contact: string;
  readonly source: string;
  readonly status: string;
}

export interface DashboardState {
  readonly data: DashboardData | undefined;
  /** Newest first, a bounded number. */
  readonly newest: readonly LeadLine[];
  readonly connection: ConnectionState;
  /** Why the numbers are no longer those of now. */
  readonly trouble: string | undefined;
}

export type DashboardAction =
  | { readonly kind: 'data'; readonly data: DashboardData }
  | { readonly kind: 'lead'; readonly lead: LeadLine }
  | { readonly kind: 'connection'; readonly connection: ConnectionState }
  | { readonly kind: 'trouble'; readonly why: string };

/** More lines than any terminal has. */
export const MOST_NEWEST = 100;

export const emptyDashboard: DashboardState = {
  data: undefined,
  newest: [],
  connection: { kind: 'connecting' },
  trouble: undefined,
};

export function dashboardReducer(state: DashboardState, action: DashboardAction): DashboardState {
  switch (action.kind) {
    case 'data':
      return {
        ...state,
        data: action.data,
        newest: merged(state.newest, action.data.newest),
        trouble: undefined,
      };
    case 'lead':
      return { ...state, newest: merged(state.newest, [action.lead]) };
    case 'connection':
      return { ...state, connection: action.connection };
    case 'trouble':
      return { ...state, trouble: action.why };
    default:
      return action satisfies never;
  }
}

/** Each lead once, as it was told last, the newest first. */
function merged(before: readonly LeadLine[], more: readonly LeadLine[]): readonly LeadLine[] {
  const byId = new Map([...before, ...more].map((lead) => [lead.id, lead]));
  const inOrder = [...byId.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return inOrder.slice(0, MOST_NEWEST);
}
