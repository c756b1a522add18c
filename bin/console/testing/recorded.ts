import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Gateway } from '../../client/gateway.ts';

const recorded = z.object({
  now: z.string(),
  answers: z.record(z.string(), z.unknown()),
});

export interface Recorded {
  /** When the answers were given: ages count from then. */
  readonly now: Date;
  readonly gateway: Gateway;
}

const READY = {
  status: 'ok',
  checks: Object.fromEntries(
    ['access', 'auth', 'client', 'integration', 'lead', 'webhook', 'worker'].map((name) => [
      name,
      { status: 'ok' },
    ]),
  ),
};

/** A gateway that answers as the demo platform once did, to every operation that a view of the console reads. */
export async function recordedGateway(): Promise<Recorded> {
  const file = new URL('answers.json', import.meta.url);
  const { now, answers } = recorded.parse(JSON.parse(await readFile(file, 'utf8')));
  const call = async (name: string): Promise<unknown> => {
    const body = answers[name];
    if (body === undefined) throw new Error(`No answer was recorded for ${name}`);
    return { ok: true, status: 200, body };
  };
  const url = `data:application/json,${encodeURIComponent(JSON.stringify(READY))}#`;
  const gateway = { settings: { url }, of: () => ({ call }) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a gateway as the views ask
  return { now: new Date(now), gateway: gateway as unknown as Gateway };
}
