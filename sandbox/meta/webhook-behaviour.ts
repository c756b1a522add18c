/** How webhooks are mistreated on purpose, for each kind. */
export interface Mistreatment {
  /** Share that is never sent, 0 to 1. */
  readonly drop_rate: number;
  /** How often each is sent. */
  readonly copies: number;
  readonly delay_ms: number;
}

export const STATUSES = ['sent', 'delivered', 'read', 'failed'] as const;
/** What the answer to a sent message says of it. */
export const MESSAGE_STATUSES = ['accepted', 'held_for_quality_assessment', 'paused'] as const;

export type MessageStatus = (typeof STATUSES)[number];

export interface StatusBehaviour extends Mistreatment {
  readonly message_status: (typeof MESSAGE_STATUSES)[number];
  /** What a message goes through after it was accepted. */
  readonly sequence: readonly MessageStatus[];
  /** Sends the sequence backwards. */
  readonly reorder: boolean;
  /** The error that `failed` carries. */
  readonly failure: { readonly code: number; readonly title: string };
}

export interface WebhookBehaviour {
  readonly leads: Mistreatment;
  readonly statuses: StatusBehaviour;
}

const FAITHFUL: WebhookBehaviour = {
  leads: { drop_rate: 0, copies: 1, delay_ms: 0 },
  statuses: {
    drop_rate: 0,
    copies: 1,
    delay_ms: 0,
    message_status: 'accepted',
    sequence: ['sent', 'delivered'],
    reorder: false,
    failure: { code: 131_026, title: 'Message undeliverable' },
  },
};

type Change<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface WebhookBehaviourChange {
  readonly leads?: Change<Mistreatment> | undefined;
  readonly statuses?: Change<StatusBehaviour> | undefined;
}

export interface BehaviourStore {
  current(): WebhookBehaviour;
  change(change: WebhookBehaviourChange): WebhookBehaviour;
  reset(): void;
}

export function createBehaviourStore(): BehaviourStore {
  let behaviour = FAITHFUL;
  return {
    current: () => behaviour,
    change({ leads, statuses }) {
      behaviour = {
        leads: { ...behaviour.leads, ...given(leads) },
        statuses: { ...behaviour.statuses, ...given(statuses) },
      };
      return behaviour;
    },
    reset() {
      behaviour = FAITHFUL;
    },
  };
}

/** The parts of a change that were given: an absent one keeps what was. */
function given<T extends object>(
  change: T | undefined,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  if (change === undefined) return result;
  return Object.assign(
    result,
    Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  );
}
