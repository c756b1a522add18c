import { z } from 'zod';
import { idSchema } from '../../../../lib/core/ids.ts';
import type { Database } from '../../../../lib/db/database.ts';
import { allClients, type Unit } from '../../../../lib/db/scope.ts';
import { eventsAreBy } from '../../../../lib/events/actor.ts';
import type { Announcer } from '../../../../lib/events/announcer.ts';
import { statusFailure } from '../../../../lib/providers/whatsapp/errors.ts';
import type {
  ApplyWhatsAppStatus,
  StatusApplied,
  WhatsAppStatus,
} from '../../../../lib/providers/meta/message-status.ts';
import { inUnit } from '../../../../lib/db/statement.ts';
import { applyEffect } from '../../sending/effects.ts';
import { retried, settle, written, type LaneEffect } from '../../sending/settle.ts';
import { bounce } from '../../sending/transitions/bounce.ts';
import { confirm } from '../../sending/transitions/confirm.ts';

const row = z.object({
  id: z.string(),
  lane_key: z.string(),
  status: z.string(),
  attempt: z.int(),
  round_attempt: z.int(),
  round_age_ms: z.coerce.number(),
  provider_status: z.string().nullable(),
  provider_reference: z.string().nullable(),
  phone: z.string().nullable(),
  /** The settings of now, when the attempt was made under them. */
  current_version: z.int().nullable(),
});
type Known = z.output<typeof row>;

/** Statuses come out of order: one never takes a step back. What WhatsApp answers itself ranks 0. */
const RANKS: Readonly<Record<string, number>> = { sent: 1, delivered: 2, read: 3 };
const rankOf = (status: string | null): number => RANKS[status ?? ''] ?? 0;

/**
 * Applies a status within the caller's transaction, whose scope must show the delivery. It settles
 * an unknown outcome either way. Throws for a failure that comes while the delivery is being sent:
 * hand it on again once that has ended. Announce `leadctl_events`, and `leadctl_deliveries` when it is to
 * be sent again soon, after the commit.
 */
export async function applyWhatsAppStatus(
  unit: Unit,
  status: WhatsAppStatus,
): Promise<StatusApplied> {
  const known = await findDelivery(unit, status);
  if (known === undefined) return 'unknown';
  const isReplaced =
    known.provider_reference !== null && known.provider_reference !== status.messageId;
  if (isReplaced && known.status !== 'unknown') return 'stale';
  if (status.status === 'failed') return applyFailure(unit, known, status);
  if (rankOf(status.status) <= rankOf(known.provider_status)) return 'stale';
  await confirm(inUnit(unit), known.id, status);
  return 'applied';
}

async function findDelivery(
  unit: Unit,
  { messageId, deliveryId }: WhatsAppStatus,
): Promise<Known | undefined> {
  const id = idSchema.safeParse(deliveryId).data ?? null;
  return unit.maybeOne(
    row,
    `SELECT d.id, d.lane_key, d.status, d.attempts AS attempt, d.round_attempts AS round_attempt,
       COALESCE(EXTRACT(EPOCH FROM now() - d.round_started_at) * 1000, 0) AS round_age_ms,
       d.provider_status, d.provider_reference, l.phone,
       (SELECT t.version FROM destinations t
        JOIN destination_versions v ON v.client_id = t.client_id AND v.destination_id = t.id
          AND v.version = t.version
        JOIN delivery_attempts a ON a.delivery_id = d.id AND a.number = d.attempts
        WHERE t.client_id = d.client_id AND t.id = d.destination_id AND a.started_at > v.created_at) AS current_version
     FROM deliveries d JOIN leads l ON l.client_id = d.client_id AND l.id = d.lead_id
     WHERE d.kind = 'whatsapp'
       AND (d.id = CAST(:id AS uuid) OR d.provider_reference = :messageId)
     ORDER BY d.id = CAST(:id AS uuid) DESC NULLS LAST LIMIT 1 FOR UPDATE OF d`,
    { id, messageId },
  );
}

/** As applyWhatsAppStatus, in a transaction of its own, and told to whoever waits for it. */
export function createStatusApplier(deps: {
  database: Database;
  announcer: Announcer;
}): ApplyWhatsAppStatus {
  return async (status) => {
    const applied = await deps.database.inTransaction(
      allClients('a message’s status says whose it is only once its delivery is found'),
      async (unit) => {
        await eventsAreBy(unit, { kind: 'meta' });
        return applyWhatsAppStatus(unit, status);
      },
    );
    if (applied === 'applied') deps.announcer.announce('leadctl_events');
    return applied;
  };
}

async function applyFailure(
  unit: Unit,
  known: Known,
  { messageId, error }: WhatsAppStatus,
): Promise<StatusApplied> {
  const reached = rankOf(known.provider_status) >= rankOf('delivered');
  if (known.status === 'delivering' && !reached) throw new StillSending(known.id);
  const isOpen = ['delivered', 'unknown'].includes(known.status);
  if (reached || !isOpen || known.provider_status === 'failed') return 'stale';
  const code = Number(error?.code ?? 0);
  const message = error?.message ?? 'WhatsApp says that the message failed, not why.';
  const settled = settle(known, statusFailure({ code, message }), null);
  const stands = settled.effect === null || (await stillApplies(unit, known, settled.effect));
  await bounce(inUnit(unit), messageId, stands ? written(settled) : retried(settled.result));
  return 'applied';
}

/** False when the failure belongs to settings that are gone: it is no verdict on these. */
async function stillApplies(unit: Unit, known: Known, effect: LaneEffect): Promise<boolean> {
  const { lane_key: laneKey, phone, current_version: version } = known;
  if (effect.kind === 'hold' && version === null) return false;
  return (await applyEffect(inUnit(unit), { laneKey, phone, version }, effect)) !== 'stale';
}

/**
 * A failure that comes while an attempt is under way may be about it or about the one before, and
 * only its end tells. Whoever handed the status on does so again a little later.
 */
class StillSending extends Error {
  override readonly name = 'StillSending';

  constructor(id: string) {
    super(`Delivery ${id} is being sent right now: apply this failure once that has ended.`);
  }
}
