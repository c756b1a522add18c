import { allValues } from '../control/google.ts';
import type { SandboxState } from '../state.ts';

const MOST_MESSAGES = 50;
const MOST_SHEETS = 6;
const MOST_ROWS = 200;
const MOST_REQUESTS = 30;

/** What the live page shows: the newest of everything, so that the answer stays small. */
export function snapshot(state: SandboxState): object {
  return {
    messages: state.outbox
      .all()
      .slice(-MOST_MESSAGES)
      .map(({ id, to, at, text, status, template }) => ({
        id,
        to,
        at,
        text,
        status,
        template: template?.name ?? null,
      })),
    sheets: state.spreadsheets
      .all()
      .slice(-MOST_SHEETS)
      .flatMap(({ id, title, tabs }) =>
        tabs.map((tab) => {
          const [header, ...rows] = allValues(tab);
          const shown = rows.slice(-MOST_ROWS);
          return {
            id,
            title,
            tab: tab.title,
            header: header ?? [],
            rows: shown,
            count: rows.length,
          };
        }),
      ),
    requests: state.requests.all().slice(-MOST_REQUESTS),
    faults: state.faults.all().map(({ spec, hits }) => ({ ...spec, hits })),
  };
}
