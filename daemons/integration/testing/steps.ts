import * as fc from 'fast-check';
import type { Fate } from './mortal.ts';

export const LANES = ['whatsapp', 'google_sheets'] as const;
const ANSWERS = ['ok', 'hang', 'refuse', 'busy', 'never'] as const;
export type Answer = (typeof ANSWERS)[number];

export type Lane = (typeof LANES)[number];
const RESTARTED = ['failed', 'held', 'unknown', 'retrying', 'pending'] as const;
const TOLD = ['sent', '131049', '131026', '190'] as const;

/** What may happen to a client's deliveries. `answers`: what the provider answers to the next calls; after them all goes well. */
export type Step =
  | { readonly kind: 'leads'; readonly count: number }
  | {
      readonly kind: 'work';
      readonly lane: Lane;
      /** One worker, or two at the same time. */
      readonly fates: readonly Fate[];
      readonly answers: readonly Answer[];
    }
  | { readonly kind: 'time_passes' | 'wake' }
  | { readonly kind: 'retry'; readonly which: number }
  | { readonly kind: 'replay'; readonly status: (typeof RESTARTED)[number] }
  | { readonly kind: 'repair' | 'disable' | 'remove'; readonly lane: Lane }
  | { readonly kind: 'status'; readonly which: number; readonly told: (typeof TOLD)[number] };

const a = <K extends Step['kind']>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const upTo = (max: number) => fc.integer({ min: 1, max });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'lives' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('dies' as const),
      at: upTo(9),
      isDone: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleeps' as const), at: upTo(9) }) },
);
const lane = fc.constantFrom(...LANES);
const which = fc.nat({ max: 20 });
const work = fc.record({
  kind: a('work'),
  lane,
  fates: fc.array(fate, { minLength: 1, maxLength: 2 }),
  answers: fc.array(fc.constantFrom(...ANSWERS), { maxLength: 3 }),
});
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: a('leads'), count: upTo(3) }) },
  { weight: 8, arbitrary: work },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('time_passes', 'wake') }) },
  { weight: 3, arbitrary: fc.record({ kind: a('retry'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: a('replay'), status: fc.constantFrom(...RESTARTED) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('repair', 'disable'), lane }) },
  { weight: 1, arbitrary: fc.record({ kind: a('remove'), lane }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: a('status'), which, told: fc.constantFrom(...TOLD) }),
  },
);

const BUSY_MESSAGE = {
  status: 500,
  body: { error: { code: 131000, message: 'Something went wrong' } },
};
const NEVER_MESSAGE = {
  status: 400,
  body: { error: { code: 131026, message: 'not on WhatsApp' } },
};
const sheetsError = (status: number, code: string) => ({
  status,
  body: { error: { code: status, status: code, message: `the sheet says ${code}` } },
});
export const NO_SHEET = {
  hang: 'hang' as const,
  refuse: sheetsError(403, 'PERMISSION_DENIED'),
  busy: sheetsError(429, 'RESOURCE_EXHAUSTED'),
  never: sheetsError(400, 'INVALID_ARGUMENT'),
};
export const NO_MESSAGE = {
  hang: 'hang' as const,
  refuse: 'refuse' as const,
  busy: BUSY_MESSAGE,
  never: NEVER_MESSAGE,
};
