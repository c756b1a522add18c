import type { z } from 'zod';
import type { ProviderResult } from '../../../lib/providers/outcome.ts';
import { createFlights, type FlightOptions } from './flights.ts';
import { fieldsOf } from './fields.ts';
import type { LaneWork } from './lane.ts';
import type { ClaimedDelivery, Lane } from './model.ts';
import type { People } from './people.ts';
import { LATER_MS, persistently } from './persistently.ts';
import { readySettings } from './ready.ts';
import { renderEach } from './render.ts';
import type { LaneRun } from './run.ts';
import { delivered, failed, skipped } from './settle.ts';
import type { SuppressionChannel } from '../suppressions/shapes.ts';

/** What one delivery is made of. */
export interface PlainDelivery<Settings> {
  readonly lane: Lane;
  readonly delivery: ClaimedDelivery;
  readonly settings: Settings;
  /** The lead's fields by name, its own and those that the form sent. */
  readonly fields: Readonly<Record<string, string>>;
  readonly people: People;
}

/** Why nothing is to be sent. */
export interface NotSent {
  readonly code: string;
  readonly message: string;
}

export interface PlainKind<Settings, Message> extends Pick<FlightOptions, 'inFlight' | 'rate'> {
  readonly settings: z.ZodType<Settings>;
  /** Whether the assignee and their manager are read, for `people`. */
  wantsPeople?(one: Pick<PlainDelivery<Settings>, 'delivery' | 'settings'>): boolean;
  /** What is sent; may throw for a lead that cannot be put into words. */
  render(one: PlainDelivery<Settings>): Message | { readonly skip: NotSent };
  /** Whom a message goes to, where one may have asked for silence. */
  readonly suppressible?: Suppressible<Message>;
  /** Sends once. */
  send(
    message: Message,
    context: {
      readonly delivery: ClaimedDelivery;
      readonly settings: Settings;
      readonly secrets: Readonly<Record<string, readonly string[]>>;
      readonly signal: AbortSignal;
    },
  ): Promise<ProviderResult<{ readonly reference: string | null }>>;
  /** After a call whose outcome was no success, for what means more than its own delivery. */
  onFailure?(
    run: LaneRun,
    failure: { readonly code: string; readonly message: string },
  ): Promise<void>;
}

export interface Suppressible<Message> {
  readonly channel: SuppressionChannel;
  to(message: Message): readonly string[];
  /** The message without these; null when nobody is left that it could go to. */
  without(message: Message, suppressed: ReadonlySet<string>): Message | null;
}

/** The work of a kind that sends its deliveries one by one, many at a time. */
export function createPlainWork<Settings, Message>(
  kind: PlainKind<Settings, Message>,
  options: Pick<FlightOptions, 'clock'>,
): LaneWork {
  const flights = createFlights({ ...options, ...kind });
  return (run) => flights(run, (delivery, called) => sendOne(kind, run, delivery, called));
}

async function sendOne<Settings, Message>(
  kind: PlainKind<Settings, Message>,
  run: LaneRun,
  delivery: ClaimedDelivery,
  called: () => void,
): Promise<void> {
  const prepared = await prepare(kind, run, delivery).catch(async (error: unknown) => {
    // Left as it is it would pass for sent when its lease ends.
    await persistently(() => run.putBack([delivery], LATER_MS));
    throw error;
  });
  if (prepared === null) return;
  const { message, settings, secrets, version } = prepared;
  const sent = await kind.send(message, { delivery, settings, secrets, signal: run.calls });
  called();
  if (sent.kind === 'ok') {
    const proof = { reference: sent.value.reference, providerStatus: null };
    return run.finish([delivered(delivery, sent.call, proof)]);
  }
  await run.fail([delivery], sent, sent.call, { version });
  await kind.onFailure?.(run, sent);
}

/** Null when it is not to be sent, and is settled already. */
async function prepare<Settings, Message>(
  kind: PlainKind<Settings, Message>,
  run: LaneRun,
  delivery: ClaimedDelivery,
) {
  const { lead } = delivery;
  if (lead.is_erased || lead.status === 'spam') {
    await run.finish([failed(delivery, LEAD_GONE, null, delivery.is_doubtful)]);
    return null;
  }
  const ready = await readySettings(run, kind.settings, [delivery]);
  if (ready === null) return null;
  const { settings } = ready;
  const wantsPeople = kind.wantsPeople?.({ delivery, settings }) ?? false;
  const people = wantsPeople ? await run.people(lead.id) : NOBODY;
  const [rendered] = renderEach([delivery], (one) =>
    kind.render({ lane: run.lane, delivery: one, settings, fields: fieldsOf(one), people }),
  );
  if (rendered === undefined) return null;
  if (!rendered.ok) {
    await run.finish([rendered.result]);
    return null;
  }
  const message = await permitted(kind.suppressible, run, rendered.value);
  if (isSkip(message)) {
    await run.finish([skipped(delivery, message.skip)]);
    return null;
  }
  const ours = await run.begin([delivery]);
  return ours.has(delivery.id) ? { message, ...ready } : null;
}

/** What is left of a message when those who asked for silence are not written to. */
async function permitted<Message>(
  suppressible: Suppressible<Message> | undefined,
  run: LaneRun,
  message: Message | { readonly skip: NotSent },
): Promise<Message | { readonly skip: NotSent }> {
  if (suppressible === undefined || isSkip(message)) return message;
  const suppressed = await run.suppressed(suppressible.channel, suppressible.to(message));
  if (suppressed.size === 0) return message;
  return suppressible.without(message, suppressed) ?? { skip: SUPPRESSED };
}

function isSkip(message: unknown): message is { readonly skip: NotSent } {
  return typeof message === 'object' && message !== null && 'skip' in message;
}

const NOBODY: People = { assignee: null, manager: null };

const SUPPRESSED: NotSent = {
  code: 'suppressed',
  message:
    'Nobody is left that this may go to: each address is suppressed. Set another one, or lift the suppression and replay the delivery.',
};

export const LEAD_GONE = {
  code: 'lead_gone',
  message: 'The lead was erased or marked as spam before it was sent.',
};
