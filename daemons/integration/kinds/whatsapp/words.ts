import { z } from 'zod';
import { newId } from '../../../../lib/core/ids.ts';
import type { Database } from '../../../../lib/db/database.ts';
import { allClients, type Unit } from '../../../../lib/db/scope.ts';
import { eventsAreBy } from '../../../../lib/events/actor.ts';
import { inUnit, type Statement } from '../../../../lib/db/statement.ts';
import type { ApplyWhatsAppWord, WhatsAppWord } from '../../../../lib/providers/meta/opt-out.ts';

/** Whose number a message came to: the settings of now name it, or a lane that messages went out by. */
const FIND_CLIENTS: Statement<{ client_id: string }> = {
  name: 'find-clients-of-number',
  text: `
    SELECT client_id FROM destinations WHERE settings ->> 'phone_number_id' = $1
      AND kind = 'whatsapp' AND removed_at IS NULL
    UNION SELECT client_id FROM lanes WHERE account = $1 AND kind = 'whatsapp'
    ORDER BY client_id`,
  row: z.object({ client_id: z.string() }),
};

const changed = z.object({ id: z.string() });

/** A word that came late says nothing against one that was said later. */
const STOP: Statement<{ id: string }> = {
  name: 'suppress-by-word',
  text: `
    INSERT INTO suppressions (id, client_id, channel, address, reason, made_by, said_at)
    SELECT CAST($1 AS uuid), CAST($2 AS text), 'whatsapp', CAST($3 AS text), CAST($5 AS text),
      'recipient', CAST($4 AS timestamptz)
    WHERE NOT EXISTS (SELECT FROM suppressions s
      WHERE s.client_id = $2 AND s.channel = 'whatsapp'
        AND recipient_key(s.address) = recipient_key(CAST($3 AS text))
        AND s.lifted_by = 'recipient' AND s.lifted_at > CAST($4 AS timestamptz))
    ON CONFLICT (client_id, channel, recipient_key(address)) WHERE lifted_at IS NULL DO NOTHING
    RETURNING id`,
  row: changed,
};

/**
 * Lifts what the recipient said before, and not what somebody of the client noted: that is theirs to lift.
 * Where there is nothing to lift it is remembered all the same, for a stop that was said earlier and comes
 * later.
 */
const START: Statement<{ id: string }> = {
  name: 'lift-by-word',
  text: `
    WITH lifted AS (
      UPDATE suppressions s SET lifted_at = GREATEST(s.said_at, CAST($4 AS timestamptz)),
        lifted_by = 'recipient', lifted_actor = jsonb_build_object('kind', 'meta')
      WHERE s.client_id = $2 AND s.channel = 'whatsapp'
        AND recipient_key(s.address) = recipient_key(CAST($3 AS text))
        AND s.made_by = 'recipient' AND s.lifted_at IS NULL AND s.said_at <= CAST($4 AS timestamptz)
      RETURNING id
    ), remembered AS (
      INSERT INTO suppressions (id, client_id, channel, address, made_by, said_at, lifted_at,
        lifted_by, lifted_actor)
      SELECT CAST($1 AS uuid), CAST($2 AS text), 'whatsapp', CAST($3 AS text), 'recipient',
        CAST($4 AS timestamptz), CAST($4 AS timestamptz), 'recipient',
        jsonb_build_object('kind', 'meta')
      WHERE NOT EXISTS (SELECT FROM lifted)
    )
    SELECT id FROM lifted`,
  row: changed,
};

/** A message that was STOP or START alone, for every client whose number it came to. */
export async function applyWord(
  unit: Unit,
  { phoneNumberId, from, word, at }: WhatsAppWord,
): Promise<'applied' | 'stale' | 'unknown'> {
  const run = inUnit(unit);
  const clients = await run(FIND_CLIENTS, [phoneNumberId]);
  await eventsAreBy(unit, { kind: 'meta' });
  let changes = 0;
  for (const { client_id: clientId } of clients) {
    const said = [newId(), clientId, from, at];
    const rows =
      word === 'stop'
        ? await run(STOP, [...said, 'They wrote that they want no messages.'])
        : await run(START, said);
    changes += rows.length;
  }
  if (clients.length === 0) return 'unknown';
  return changes > 0 ? 'applied' : 'stale';
}

export function createWordApplier(deps: { readonly database: Database }): ApplyWhatsAppWord {
  const scope = allClients(
    'a message says only which number it came to; whose that is is to be found',
  );
  return (word) => deps.database.inTransaction(scope, (unit) => applyWord(unit, word));
}
