import { noRows, type RunStatement, type Statement } from '../../../lib/db/statement.ts';

/** A lane that has to be there before deliveries point to it. */
export interface LaneOf {
  readonly lane_key: string;
  readonly client_id: string;
  readonly destination_id: string;
  readonly kind: string;
  readonly account: string;
}

const INSERT: Statement<unknown> = {
  name: 'ensure-lanes',
  text: `
    INSERT INTO lanes (lane_key, client_id, destination_id, kind, account)
    SELECT DISTINCT lane_key, client_id, destination_id, kind, account
    FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(lane_key text, client_id text,
      destination_id uuid, kind text, account text)
    ORDER BY lane_key ON CONFLICT (lane_key) DO NOTHING`,
  row: noRows,
};

/** Makes the lanes that are not there yet. */
export async function ensureLanes(run: RunStatement, lanes: readonly LaneOf[]): Promise<void> {
  await run(INSERT, [JSON.stringify(lanes)]);
}
