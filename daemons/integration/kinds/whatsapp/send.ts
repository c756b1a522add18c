import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../lib/core/clock.ts';
import type { WhatsAppClient } from '../../../lib/providers/whatsapp/client.ts';
import { buildParameters } from '../../../lib/providers/whatsapp/template.ts';
import { because, hold } from '../../../lib/providers/outcome.ts';
import { refuse as unconfigured } from './account.ts';
import { fieldsOf } from './fields.ts';
import type { ClaimedDelivery } from './model.ts';
import { LATER_MS, persistently } from './persistently.ts';
import { createBuckets, createTokenBucket } from './rate.ts';
import { whyNot, whyUnreachable, type Refusal } from './recipient.ts';
import { renderEach } from './render.ts';
import type { LaneRun } from './run.ts';
import { delivered, failed, skipped } from './settle.ts';

const IN_FLIGHT = 32;
/** 80 a second a number is WhatsApp's default; what is saved up counts as well. */
const NUMBER_RATE = { capacity: 16, perSecond: 64 };
/** One message to a recipient in 6 s, 45 saved up. */
const PAIR_RATE = { capacity: 45, perSecond: 1 / 6 };
const PAIR_WAIT_MS = 6_000;
const LOOK_AGAIN_MS = 50;

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

/** Works a WhatsApp number's lane: many messages at a time, within the number's and the pairs' limits. */
export function createWhatsAppWork(deps: WhatsAppWorkDeps) {
  const { clock } = deps;
  const numbers = createBuckets(() => createTokenBucket({ ...NUMBER_RATE, clock }));
  const pairs = createBuckets(() => createTokenBucket({ ...PAIR_RATE, clock }));

  return async (run: LaneRun): Promise<void> => {
    const bucket = numbers(run.lane.account);
    const flights = new Set<Promise<void>>();
    const errors: unknown[] = [];
    // Nobody awaits a flight at first: were it to reject, that would end the process.
    const launch = (delivery: ClaimedDelivery): void => {
      const flight = send(deps, pairs, run, delivery)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => flights.delete(flight));
      flights.add(flight);
    };
    try {
      while (!run.isOver() && errors.length === 0) {
        const places = bucket.take(IN_FLIGHT - flights.size);
        const claimed = places > 0 ? await run.claim(places) : [];
        bucket.give(places - claimed.length);
        for (const delivery of claimed) launch(delivery);
        if (claimed.length === 0 && places > 0 && flights.size === 0) break;
        // One that hangs must not keep those that come meanwhile waiting.
        if (claimed.length === 0 && places > 0)
          await Promise.race([...flights, sleep(LOOK_AGAIN_MS)]);
        else if (flights.size >= IN_FLIGHT) await Promise.race(flights);
        else if (bucket.available() === 0) await sleep(bucket.waitMs());
      }
    } finally {
      await Promise.all(flights);
    }
    if (errors.length > 0) throw errors[0];
  };
}

async function send(
  { client, mostADay }: WhatsAppWorkDeps,
  pairs: ReturnType<typeof createBuckets>,
  run: LaneRun,
  delivery: ClaimedDelivery,
): Promise<void> {
  const prepared = await prepare(mostADay, pairs, run, delivery).catch(async (error: unknown) => {
    // Left as it is it would pass for sent when its lease ends.
    await persistently(() => run.putBack([delivery], LATER_MS));
    throw error;
  });
  if (prepared === null) return;
  const { message, version } = prepared;
  const sent = await client.sendTemplate(message);
  if (sent.kind !== 'ok') return run.fail([delivery], sent, sent.call, { version });
  const { messageId, messageStatus } = sent.value;
  const proof = { reference: messageId, providerStatus: messageStatus };
  return run.finish([delivered(delivery, sent.call, proof)]);
}

/** What is to be sent; null when it is not, and the delivery is settled or put back. */
async function prepare(
  mostADay: number,
  pairs: ReturnType<typeof createBuckets>,
  run: LaneRun,
  delivery: ClaimedDelivery,
): Promise<Prepared | null> {
  const { lead, settings } = delivery;
  const unreachable = whyUnreachable(lead);
  if (unreachable !== null) return refuse(run, delivery, unreachable);
  const { phone_number_id: phoneNumberId, template } = settings.whatsapp;
  const credentials = await run.credentials();
  const { version } = credentials;
  if (!credentials.ok || phoneNumberId === null || template === null) {
    const why = credentials.ok
      ? unconfigured('whatsapp', 'lacks whatsapp.phone_number_id or whatsapp.template').hold
      : credentials.hold;
    await run.fail([delivery], because(hold('lane', ''), why), null, { version });
    return null;
  }
  const phone = lead.phone ?? '';
  const inMs = run.isOver() ? 0 : PAIR_WAIT_MS;
  const pair = pairs(`${phoneNumberId} ${phone}`);
  if (run.isOver() || pair.take(1) === 0) {
    await run.putBack([delivery], inMs);
    return null;
  }
  const [rendered] = renderEach([delivery], (one) =>
    buildParameters(template.parameters, fieldsOf(one)),
  );
  if (rendered?.ok !== true) {
    await run.finish(rendered === undefined ? [] : [rendered.result]);
    return null;
  }
  const message = {
    phoneNumberId,
    accessToken: credentials.secret,
    to: phone,
    template: { name: template.name, language: template.language, parameters: rendered.value },
    callbackData: delivery.id,
    signal: run.calls,
  };
  const recipient = await run.beginMessage(delivery, mostADay);
  if (recipient === undefined) return null;
  const refusal = whyNot(recipient, mostADay);
  if (refusal === null && recipient.phone === phone) return { message, version };
  pair.give(1);
  if (refusal !== null && refusal !== 'wait') return refuse(run, delivery, refusal);
  // Corrected since it was claimed: what was made of it is for another number.
  await run.putBack([delivery], refusal === 'wait' ? LATER_MS : 0);
  return null;
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
