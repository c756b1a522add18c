import { setTimeout as sleep } from 'node:timers/promises';
import { clientScope } from '../../../lib/db/scope.ts';
import { decide } from '../../../lib/providers/decide.ts';
import type { FormLeadsPage } from '../../../lib/providers/meta/client.ts';
import type { GraphResult } from '../../../lib/providers/meta/graph.ts';
import { paceMs } from '../../../lib/providers/meta/usage.ts';
import type { ProviderFailure } from '../../../lib/providers/outcome.ts';
import type { MetaReadingDeps } from '../processing/deps.ts';
import { liftHold, placeHold } from '../sources/holds.ts';
import type { PageToken } from '../sources/token.ts';
import type { Source } from './store.ts';

export interface Stopped {
  readonly code: string;
  readonly message: string;
}

/** Why an answer is not there. */
export type End = Stopped | 'out_of_time';

export interface GraphReader {
  /** Ids of all forms of the source's page. */
  listForms(): Promise<readonly string[] | End>;
  listLeads(formId: string, since: Date, cursor: string | null): Promise<FormLeadsPage | End>;
}

const MOST_ATTEMPTS = 4;
const MOST_FORM_PAGES = 100;
/** The token itself is dead, whatever was asked for (developers.facebook.com/docs/graph-api/guides/error-handling). */
const DEAD_TOKEN: ReadonlySet<string> = new Set(['102', '190']);

/** Meta's answers, paced and retried within the deadline; what a page is held for is placed and lifted. */
export function createGraphReader(
  deps: MetaReadingDeps,
  context: {
    source: Source;
    token: PageToken & { kind: 'token' };
    /** On the clock of `performance.now()`. */
    deadlineMs: number;
    signal: AbortSignal | undefined;
  },
): GraphReader {
  const { source, token, signal } = context;
  const access = { accessToken: token.accessToken, signal };
  const scope = clientScope(source.client_id);
  let notBeforeMs = 0;
  let isProven = false;

  const waitUntil = async (atMs: number): Promise<boolean> => {
    if (Math.max(atMs, performance.now()) >= context.deadlineMs || signal?.aborted) return false;
    const waitMs = atMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, signal ? { signal } : {}).catch(() => undefined);
    return signal?.aborted !== true;
  };

  const prove = async (): Promise<void> => {
    if (isProven) return;
    isProven = true;
    await deps.database.inTransaction(scope, (unit) => liftHold(unit, source.page_id));
  };

  const placeFor = async (stopped: Stopped, recheckAfterMs: number | null): Promise<void> => {
    const hold = { ...stopped, pageId: source.page_id, tokenMark: token.mark, recheckAfterMs };
    const isNews = await deps.database.inTransaction(scope, (unit) => placeHold(unit, hold));
    if (!isNews) return;
    const { client_id: clientId, page_id: pageId } = source;
    deps.alert({ kind: 'meta_page_held', clientId, pageId, ...stopped });
  };

  // Only what is also needed to fetch a lead speaks for or against the page as a whole: a token that
  // may not list forms can still do for the events.
  const read = async <T>(
    speaksForPage: boolean,
    call: () => Promise<GraphResult<T>>,
  ): Promise<{ value: T } | End> => {
    for (let attempt = 1; ; attempt += 1) {
      if (!(await waitUntil(notBeforeMs))) return 'out_of_time';
      const result = await call();
      notBeforeMs = performance.now() + paceMs(result.call.usage);
      if (result.kind === 'ok') {
        if (speaksForPage) await prove();
        return { value: result.value };
      }
      const delayMs = await retryOrStop(result, attempt, {
        place: speaksForPage || DEAD_TOKEN.has(result.code) ? placeFor : undefined,
        random: deps.random,
      });
      if (typeof delayMs !== 'number') return delayMs;
      notBeforeMs = Math.max(notBeforeMs, performance.now() + delayMs);
    }
  };

  return {
    async listForms() {
      const forms: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_FORM_PAGES; page += 1) {
        const list = await read(false, () =>
          deps.meta.listForms({ ...access, pageId: source.page_id, cursor }),
        );
        if (isEnd(list)) return list;
        forms.push(...list.value.forms.map(({ id }) => id));
        if (list.value.nextCursor === null) break;
        cursor = list.value.nextCursor;
      }
      return forms;
    },
    async listLeads(formId, since, cursor) {
      const list = await read(true, () =>
        deps.meta.listFormLeads({ ...access, formId, since, cursor: cursor ?? undefined }),
      );
      return isEnd(list) ? list : list.value;
    },
  };
}

/** The wait before the next attempt in milliseconds, or why there is none. */
async function retryOrStop(
  failure: ProviderFailure,
  attempt: number,
  on: {
    readonly place:
      | ((stopped: Stopped, recheckAfterMs: number | null) => Promise<void>)
      | undefined;
    readonly random: (() => number) | undefined;
  },
): Promise<number | Stopped> {
  const { code, message } = failure;
  const decision = decide(failure, {
    attempt,
    ageMs: 0,
    ...(on.random ? { random: on.random } : {}),
  });
  if (decision.next === 'held') {
    const stopped = { code, message: `${message} – ${decision.remedy}` };
    if (decision.scope === 'lane') await on.place?.(stopped, decision.recheckAfterMs);
    return stopped;
  }
  if (decision.next !== 'retrying' || attempt >= MOST_ATTEMPTS) return { code, message };
  return decision.delayMs;
}

export function isEnd(answer: object | 'out_of_time'): answer is End {
  return answer === 'out_of_time' || 'code' in answer;
}
