import { hold, retry } from '../outcome.ts';
import type { GraphErrorTable } from './graph-errors.ts';

export type MetaErrorClass =
  | 'transient'
  | 'throttled'
  | 'token_dead'
  | 'permission'
  | 'leads_access'
  | 'missing_object'
  | 'policy_block'
  | 'unlisted';

const HOUR_MS = 3_600_000;

/** Graph API errors while reading leads, by `error.code`. */
export const metaErrors = {
  codes: {
    1: 'transient',
    2: 'transient',
    4: 'throttled',
    17: 'throttled',
    32: 'throttled',
    341: 'throttled',
    613: 'throttled',
    80001: 'throttled',
    80005: 'throttled',
    190: 'token_dead',
    102: 'token_dead',
    10: 'permission',
    103: 'leads_access',
    '100/33': 'missing_object',
    368: 'policy_block',
  },
  ranges: [{ from: 200, to: 299, is: 'permission' }],
  transient: 'transient',
  unlisted: 'unlisted',
  classes: {
    transient: retry(),
    throttled: retry({ scope: 'lane' }),
    token_dead: hold(
      'lane',
      'The page access token is no longer valid: make a long-lived one and set it as meta.page_access_token.',
    ),
    permission: hold(
      'lane',
      'The token lacks a permission: grant leads_retrieval, pages_manage_metadata, pages_show_list and pages_read_engagement, and set a new page access token.',
    ),
    // Access comes back in the Leads Access Manager, without a new token, so look now and then.
    leads_access: hold(
      'lane',
      'Access to leads was revoked: assign the app in the Leads Access Manager of the Business settings.',
      HOUR_MS,
    ),
    missing_object: retry({
      giveUp: {
        afterAttempts: 5,
        hold: hold(
          'item',
          'Meta shows no such object to this token: it was deleted, or it belongs to another page. Check the page and form ids and the token, then retry.',
        ),
      },
    }),
    policy_block: hold(
      'lane',
      'Meta blocked this action for violating a policy: see the Account Quality page, then resume.',
      24 * HOUR_MS,
    ),
    unlisted: retry({
      giveUp: {
        afterAttempts: 5,
        hold: hold(
          'item',
          'An error that is not in our table: look its code up in the Graph API error reference, then retry.',
        ),
      },
    }),
  },
} as const satisfies GraphErrorTable<MetaErrorClass>;
