import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../lib/core/clock.ts';
import type { WhatsAppClient } from '../../../lib/providers/whatsapp/client.ts';
import { buildParameters } from '../../../lib/providers/whatsapp/template.ts';
import { because, hold } from '../../../lib/providers/outcome.ts';
import { refuse } from './account.ts';
import { fieldsOf } from './fields.ts';
import type { ClaimedDelivery } from './model.ts';
import { LATER_MS, persistently } from './persistently.ts';
import { createBuckets, createTokenBucket } from './rate.ts';
import { renderEach } from './render.ts';
import type { LaneRun } from './run.ts';
import { delivered } from './settle.ts';

const IN_FLIGHT = 32;
/** 80 a second a number is WhatsApp's default; what is saved up counts as well. */
const NUMBER_RATE = { capacity: 16, perSecond: 64 };
/** One message to a recipient in 6 s, 45 saved up. */
const PAIR_RATE = { capacity: 45, perSecond: 1 / 6 };
const PAIR_WAIT_MS = 6_000;
const LOOK_AGAIN_MS = 50;

const NO_SETTINGS = { version: null };

interface Prepared {
  readonly message: Parameters<WhatsAppClient['sendTemplate']>[0];
  /** Of the settings that it is sent with. */
  readonly version: number | null;
}

/** Works a WhatsApp number's lane: many messages at a time, within the number's and the pairs' limits. */
export function createWhatsAppWork(deps: { client: WhatsAppClient; clock: Clock }) {
  const { clock } = deps;
  const numbers = createBuckets(() => createTokenBucket({ ...NUMBER_RATE, clock }));
  const pairs = createBuckets(() => createTokenBucket({ ...PAIR_RATE, clock }));

  return async (run: LaneRun): Promise<void> => {
    const bucket = numbers(run.lane.account);
    const flights = new Set<Promise<void>>();
    const errors: unknown[] = [];
    // Nobody awaits a flight at first: were it to reject, that would end the process.
    const launch = (delivery: ClaimedDelivery): void => {
      const flight = send(deps.client, pairs, run, delivery)
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
  client: WhatsAppClient,
  pairs: ReturnType<typeof createBuckets>,
  run: LaneRun,
  delivery: ClaimedDelivery,
): Promise<void> {
  const prepared = await prepare(pairs, run, delivery).catch(async (error: unknown) => {
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
  pairs: ReturnType<typeof createBuckets>,
  run: LaneRun,
  delivery: ClaimedDelivery,
): Promise<Prepared | null> {
  const { lead, settings } = delivery;
  const unreachable = whyUnreachable(delivery);
  if (unreachable !== null) {
    await run.fail([delivery], because({ kind: 'permanent' }, unreachable), null, NO_SETTINGS);
    return null;
  }
  const { phone_number_id: phoneNumberId, template } = settings.whatsapp;
  const credentials = await run.credentials();
  const { version } = credentials;
  if (!credentials.ok || phoneNumberId === null || template === null) {
    const why = credentials.ok
      ? refuse('whatsapp', 'lacks whatsapp.phone_number_id or whatsapp.template').hold
      : credentials.hold;
    await run.fail([delivery], because(hold('lane', ''), why), null, { version });
    return null;
  }
  const phone = lead.phone ?? '';
  const inMs = run.isOver() ? 0 : PAIR_WAIT_MS;
  if (run.isOver() || pairs(`${phoneNumberId} ${phone}`).take(1) === 0) {
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
  return (await run.begin([delivery])).has(delivery.id) ? { message, version } : null;
}

function whyUnreachable({ lead }: ClaimedDelivery) {
  if (lead.is_erased)
    return { code: 'lead_erased', message: 'The lead was erased before it was sent.' };
  if (lead.status === 'spam') {
    return { code: 'lead_spam', message: 'The lead was marked as spam before it was sent.' };
  }
  if (lead.phone === null) {
    return { code: 'no_phone', message: 'The lead has no phone, so there is nobody to write to.' };
  }
  if (lead.phone_valid === false) {
    const message =
      'The lead’s phone is not a number that can be reached; it was kept as it was sent.';
    return { code: 'no_phone', message };
  }
  return null;
}
