import { expect, test } from 'vitest';
import { step } from '../engine/step.ts';
import { grantLines } from './view.ts';

test('every grant that a role gains or loses is named on a line of its own', () => {
  const grants = step({
    kind: 'grants',
    clientId: null,
    identity: 'rep',
    action: 'update',
    phase: 0,
    changes: [
      ...['GET /api/a', 'GET /api/b', 'GET /api/c'].map((to) => ({
        field: 'grant',
        from: null,
        to,
      })),
      { field: 'grant', from: 'POST /api/d', to: null },
    ],
    run: () => Promise.reject(new Error('not of this test')),
  });
  expect(grantLines([grants])).toBe(
    '\nGrants of rep:\n  + GET /api/a\n  + GET /api/b\n  + GET /api/c\n  - POST /api/d\n',
  );
  expect(grantLines([])).toBe('');
});
