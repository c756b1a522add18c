import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyTail,
  MOST_ROWS,
  perMinute,
  rowAtCursor,
  type TailAction,
  tailReducer,
  type TailRow,
} from './tail-state.ts';

const rowOf = (n: number): TailRow => ({
  id: String(n),
  leadId: `lead-${n}`,
  at: new Date(0),
  what: 'received',
  name: `name${n}`,
  contact: '',
  source: '',
  status: 'new',
  search: `name${n}`,
});

const arrive = (count: number, from = 0, nowMs = 0): TailAction => ({
  kind: 'arrived',
  nowMs,
  rows: Array.from({ length: count }, (_, at) => rowOf(from + at)),
});

describe('tailReducer', () => {
  it('keeps a bounded number of rows, in order and each once, however often it is paused', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const), count: fc.nat(900) }),
      fc.constant({ kind: 'pause' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let next = 0;
        let state = emptyTail;
        for (const action of steps) {
          const count = action.kind === 'arrive' ? action.count : 0;
          state = tailReducer(state, action.kind === 'pause' ? action : arrive(count, next));
          next += count;
        }
        if (state.paused) state = tailReducer(state, { kind: 'pause' });
        const kept = Math.min(next, MOST_ROWS);
        expect(state.rows.map(({ id }) => Number(id))).toEqual(
          Array.from({ length: kept }, (_, at) => next - kept + at),
        );
        expect(state.total).toBe(next);
      }),
    );
  });

  it('keeps the cursor on its lead while others come, and at the ends', () => {
    let state = tailReducer(emptyTail, arrive(3));
    state = tailReducer(state, { kind: 'move', by: -1 });
    state = tailReducer(state, arrive(5, 3));
    expect(rowAtCursor(state)?.id).toBe('1');
    state = tailReducer(state, { kind: 'move', by: -100 });
    expect(rowAtCursor(state)?.id).toBe('0');
    state = tailReducer(state, { kind: 'newest' });
    expect(rowAtCursor(state)?.id).toBe('7');
  });

  it('forgets arrivals after a minute', () => {
    const state = tailReducer(tailReducer(emptyTail, arrive(4)), arrive(2, 4, 59_000));
    expect([perMinute(state, 59_500), perMinute(state, 60_500)]).toEqual([6, 2]);
  });

  it('ignores a timeline that comes after its lead was closed', () => {
    const opened = tailReducer(tailReducer(emptyTail, arrive(1)), { kind: 'open', row: rowOf(0) });
    const closed = tailReducer(opened, { kind: 'close' });
    const timeline = { kind: 'loaded', lines: [] } as const;
    expect(tailReducer(closed, { kind: 'timeline', leadId: 'lead-0', timeline })).toEqual(closed);
  });
});
