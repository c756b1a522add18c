import { Pool } from 'pg';
import { newId } from '../lib/core/ids.ts';

/** The same insert without any of us in between: one statement a lead, over as many connections. */
const INSERT = {
  name: 'bare-insert',
  text: `WITH lead AS (
      INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, status, raw_payload,
        created_at, updated_at)
      VALUES ($1, $2, $3, $4, $5, true, 'website', 'new', $6, now(), now()) RETURNING id, client_id
    )
    INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM lead`,
};

const BODY_PAD = 'x'.repeat(120);

const [url, clientId, connections, durationMs] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: Number(connections) });
const startedAt = performance.now();
const deadline = startedAt + Number(durationMs);
let inserted = 0;

const worker = async (index: number): Promise<void> => {
  for (let n = index; performance.now() < deadline; n += Number(connections)) {
    const lead = {
      name: `Ada Lovelace ${n}`,
      email: `ada.${n}@example.com`,
      phone: '+14155550123',
      message: BODY_PAD,
    };
    await pool.query({
      ...INSERT,
      values: [newId(), clientId, lead.name, lead.email, lead.phone, JSON.stringify(lead)],
    });
    inserted += 1;
  }
};

await Promise.all(Array.from({ length: Number(connections) }, (_, index) => worker(index)));
const elapsedSeconds = (performance.now() - startedAt) / 1000;
await pool.end();
console.log(
  JSON.stringify({ requests: inserted, perSecond: Math.round(inserted / elapsedSeconds) }),
);
