import type { z } from 'zod';
import { because, hold } from '../../../lib/providers/outcome.ts';
import { refuse } from './account.ts';
import type { ClaimedDelivery } from './model.ts';
import type { LaneRun } from './run.ts';
import { failed, UNREADABLE } from './settle.ts';

export interface Ready<Settings> {
  readonly settings: Settings;
  /** By name, the newest first: while one is being replaced there are two. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /** Of the destination's settings that the secrets belong to. */
  readonly version: number | null;
}

/**
 * What deliveries under the same settings are sent with; null when nothing can be sent like this: they
 * are settled, and their lane is held.
 */
export async function readySettings<Settings>(
  run: LaneRun,
  schema: z.ZodType<Settings>,
  deliveries: readonly ClaimedDelivery[],
  isDoubtful?: (delivery: ClaimedDelivery) => boolean,
): Promise<Ready<Settings> | null> {
  const credentials = await run.credentials();
  const { version } = credentials;
  const settings = schema.safeParse(deliveries[0]?.settings);
  if (credentials.ok && settings.success) {
    return { settings: settings.data, secrets: credentials.secrets, version };
  }
  const [first] = deliveries;
  if (credentials.ok && first !== undefined && first.settings_version !== version) {
    // Old settings that cannot be read say nothing against the destination: these alone fail.
    await run.finish(deliveries.map((one) => failed(one, UNREADABLE, null, one.is_doubtful)));
    return null;
  }
  const why = credentials.ok
    ? refuse(run.lane, `lacks ${missing(settings.error)}`).hold
    : credentials.hold;
  const options = isDoubtful === undefined ? { version } : { version, isDoubtful };
  await run.fail(deliveries, because(hold('lane', ''), why), null, options);
  return null;
}

function missing(error: z.ZodError | undefined): string {
  const paths = (error?.issues ?? []).map(({ path }) => path.join('.'));
  return [...new Set(paths)].join(', ') || 'its settings';
}
