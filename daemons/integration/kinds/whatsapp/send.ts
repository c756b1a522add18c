import type { Clock } from '../../../../lib/core/clock.ts';
import type { WhatsAppClient } from '../../../../lib/providers/whatsapp/client.ts';
import { buildParameters } from '../../../../lib/providers/whatsapp/template.ts';
import { fieldsOf } from '../../sending/fields.ts';
import { createFlights } from '../../sending/flights.ts';
import type { LaneWork } from '../../sending/lane.ts';
import type { ClaimedDelivery } from '../../sending/model.ts';
import { LATER_MS, persistently } from '../../sending/persistently.ts';
import { createBuckets, createTokenBucket } from '../../sending/rate.ts';
import { readySettings, type Ready } from '../../sending/ready.ts';
import { renderEach } from '../../sending/render.ts';
import type { LaneRun } from '../../sending/run.ts';
import { delivered, failed, skipped } from '../../sending/settle.ts';
import { addresseeOf, recipientIn, whyNot, whyUnreachable, type Refusal } from './recipient.ts';
import { whatsAppSettings, type WhatsAppSettings } from './settings.ts';

const IN_FLIGHT = 32;
/** 80 a second a number is WhatsApp's default; what is saved up counts as well. */
const NUMBER_RATE = { capacity: 16, perSecond: 64 };
/** One message to a recipient in 6 s, 45 saved up. */
const PAIR_RATE = { capacity: 45, perSecond: 1 / 6 };
const PAIR_WAIT_MS = 6_000;

interface Prepared {
  readonly message: Parameters<WhatsAppClient['sendTemplate']>[0];
  /** Of the settings that it is sent with. */
  readonly version: number | null;
}

export interface WhatsAppWorkDeps {
  readonly client: WhatsAppClient;
  readonly clock: Clock;
  /** To one number, of one client, within 24 hours. */
  readonly mostADay: number;
}

type Pairs = ReturnType<typeof createBuckets>;

/** Works a WhatsApp number's lane: many messages at a time, within the number's and the pairs' limits. */
export function createWhatsAppWork(deps: WhatsAppWorkDeps): LaneWork {
  const { clock } = deps;
  const flights = createFlights({ inFlight: IN_FLIGHT, rate: NUMBER_RATE, clock });
  const pairs = createBuckets(() => createTokenBucket({ ...PAIR_RATE, clock }));
  return (run) => flights(run, (delivery, called) => send(deps, pairs, run, { delivery, called }));
}

async function send(
  { client, mostADay }: WhatsAppWorkDeps,
  pairs: Pairs,
  run: LaneRun,
  { delivery, called }: { readonly delivery: ClaimedDelivery; readonly called: () => void },
): Promise<void> {
  const prepared = await prepare(mostADay, pairs, run, delivery).catch(async (error: unknown) => {
    // Left as it is it would pass for sent when its lease ends.
    await persistently(() => run.putBack([delivery], LATER_MS));
    throw error;
  });
  if (prepared === null) return;
  const { message, version } = prepared;
  const sent = await client.sendTemplate(message);
  called();
  if (sent.kind !== 'ok') return run.fail([delivery], sent, sent.call, { version });
  const { messageId, messageStatus } = sent.value;
  const proof = { reference: messageId, providerStatus: messageStatus };
  return run.finish([delivered(delivery, sent.call, proof)]);
}

/** What is to be sent; null when it is not, and the delivery is settled or put back. */
async function prepare(
  mostADay: number,
  pairs: Pairs,
  run: LaneRun,
  delivery: ClaimedDelivery,
): Promise<Prepared | null> {
  // Before its settings: a lane must not be held for the sake of one that nobody would be sent.
  const gone = whyUnreachable(delivery.lead, recipientIn(delivery));
  if (gone !== null) return refuse(run, delivery, gone);
  const ready = await readySettings(run, whatsAppSettings, [delivery]);
  if (ready === null) return null;
  const phone = await addresseeOf(run, delivery, ready.settings.recipient);
  if (phone.refusal !== null) return refuse(run, delivery, phone.refusal);
  const inMs = run.isOver() ? 0 : PAIR_WAIT_MS;
  const pair = pairs(`${ready.settings.phone_number_id} ${phone.to}`);
  if (run.isOver() || pair.take(1) === 0) {
    await run.putBack([delivery], inMs);
    return null;
  }
  const message = await messageTo(run, delivery, ready, phone.to);
  if (message === null) return null;
  const recipient = await run.beginMessage(delivery, phone.own);
  if (recipient === undefined) return null;
  const refusal = whyNot(recipient, mostADay, ready.settings.recipient);
  if (refusal === null && recipient.phone === phone.to) return { message, version: ready.version };
  pair.give(1);
  if (refusal !== null && refusal !== 'wait') return refuse(run, delivery, refusal);
  // Corrected since it was claimed: what was made of it is for another number.
  await run.putBack([delivery], refusal === 'wait' ? LATER_MS : 0);
  return null;
}

async function messageTo(
  run: LaneRun,
  delivery: ClaimedDelivery,
  { settings, secrets }: Ready<WhatsAppSettings>,
  to: string,
): Promise<Prepared['message'] | null> {
  const { template } = settings;
  const [rendered] = renderEach([delivery], (one) =>
    buildParameters(template.parameters, fieldsOf(one)),
  );
  if (rendered?.ok !== true) {
    await run.finish(rendered === undefined ? [] : [rendered.result]);
    return null;
  }
  return {
    phoneNumberId: settings.phone_number_id,
    accessToken: secrets['access_token']?.[0] ?? '',
    to,
    template: { name: template.name, language: template.language, parameters: rendered.value },
    callbackData: delivery.id,
    signal: run.calls,
  };
}

async function refuse(
  run: LaneRun,
  delivery: ClaimedDelivery,
  { status, ...reason }: Refusal,
): Promise<null> {
  const { is_doubtful: isDoubtful } = delivery;
  await run.finish([
    status === 'skipped' ? skipped(delivery, reason) : failed(delivery, reason, null, isDoubtful),
  ]);
  return null;
}
