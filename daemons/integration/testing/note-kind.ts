import { z } from 'zod';
import { failed, passed } from '../checks/check.ts';
import { textIn, type Kind } from '../kinds/kind.ts';

/** A kind with all that a kind can have and nothing behind it, for what is the same for every kind. */
export const noteKind: Kind = {
  kind: 'note',
  title: 'Note on a board',
  settings: z.strictObject({
    board: z.string().min(1).max(50).describe('The board'),
    colour: z.enum(['red', 'green']).default('green'),
    label: z.string().min(1).optional(),
    layout: z.object({ columns: z.int().min(1), title: z.string() }).optional(),
  }),
  secrets: {
    token: { title: 'Token of the board', given: z.string().min(3), isRequired: true },
    pin: {
      title: 'Signs each note',
      given: z.string().startsWith('pin_'),
      isRequired: true,
      make: () => `pin_${Math.random().toString(36).slice(2)}`,
      overlapMs: 86_400_000,
    },
    comment: { title: 'What nobody needs', given: z.string(), isRequired: false },
  },
  doubt: 'safe_to_repeat',
  account: (settings) => textIn(settings, 'board') ?? '-',
  createWork: () => async () => undefined,
  checkIsSilent: true,
  async check({ settings, secret }) {
    const token = secret('token');
    if ('check' in token) return [token.check];
    if (textIn(settings, 'board') === 'broken') throw new Error('the board is broken');
    if (token.secret !== 'wrong') return [passed('board', 'The board takes notes.')];
    return [failed('board', 'denied', { message: 'The board says no.', remedy: 'Ask its owner.' })];
  },
};

const { checkIsSilent: _, ...seen } = noteKind;

/** The same, but everybody who stands before the board sees its check. */
export const bellKind: Kind = { ...seen, kind: 'bell', title: 'Note with a bell' };
