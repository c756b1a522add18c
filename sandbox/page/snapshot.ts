import { valuesOf } from '../control/google.ts';
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
          const count = Math.max(0, tab.grid.extent().rows - 1);
          const [header = []] = valuesOf(tab, 0, 1);
          const rows = valuesOf(tab, 1 + Math.max(0, count - MOST_ROWS));
          return { id, title, tab: tab.title, header, rows, count };
        }),
      ),
    requests: state.requests.all().slice(-MOST_REQUESTS),
    faults: state.faults.all().map(({ spec, hits }) => ({ ...spec, hits })),
  };
}
