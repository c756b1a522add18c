import { maskText } from '../mask.ts';
import { verdictOf, type GraphErrorTable } from '../meta/graph-errors.ts';
import { because, hold, retry, type ProviderFailure } from '../outcome.ts';

export type WhatsAppErrorClass =
  | 'transient'
  | 'throttled'
  | 'pair_limit'
  | 'not_before_24h'
  | 'token_dead'
  | 'permission'
  | 'account_blocked'
  | 'payment'
  | 'recipient'
  | 'template_missing'
  | 'template_mismatch'
  | 'template_paused'
  | 'request_invalid'
  | 'number_unregistered'
  | 'unlisted';

const DAY_MS = 86_400_000;

/**
 * WhatsApp Cloud API errors, by `error.code`; a failed status webhook carries the same codes
 * (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes).
 */
export const whatsAppErrors = {
  codes: {
    1: 'transient',
    2: 'transient',
    131000: 'transient',
    131016: 'transient',
    133004: 'transient',
    131057: 'transient',
    4: 'throttled',
    80007: 'throttled',
    130429: 'throttled',
    131056: 'pair_limit',
    131049: 'not_before_24h',
    130472: 'not_before_24h',
    190: 'token_dead',
    10: 'permission',
    131031: 'account_blocked',
    131048: 'account_blocked',
    368: 'account_blocked',
    131042: 'payment',
    131026: 'recipient',
    131047: 'recipient',
    131050: 'recipient',
    131051: 'recipient',
    132001: 'template_missing',
    132000: 'template_mismatch',
    132005: 'template_mismatch',
    132012: 'template_mismatch',
    132007: 'template_paused',
    132015: 'template_paused',
    132016: 'template_paused',
    100: 'request_invalid',
    131008: 'request_invalid',
    131009: 'request_invalid',
    133010: 'number_unregistered',
  },
  ranges: [{ from: 200, to: 299, is: 'permission' }],
  transient: 'transient',
  unlisted: 'unlisted',
  classes: {
    transient: retry(),
    throttled: retry({ scope: 'lane' }),
    pair_limit: retry({ scope: 'recipient', backoff: 'power_of_four' }),
    not_before_24h: retry({ scope: 'recipient', notBeforeMs: DAY_MS }),
    token_dead: hold(
      'lane',
      'The access token is no longer valid: make a permanent system-user token and set it as whatsapp.access_token.',
    ),
    permission: hold(
      'lane',
      'The token lacks a permission: grant whatsapp_business_messaging and whatsapp_business_management, and set a new token.',
    ),
    account_blocked: hold(
      'lane',
      'WhatsApp blocked or limited this account: see Account Quality in the WhatsApp Manager, then resume.',
    ),
    payment: hold(
      'lane',
      'WhatsApp cannot charge this account: add or repair the payment method in the WhatsApp Manager, then resume.',
    ),
    recipient: { kind: 'permanent' },
    template_missing: hold(
      'template',
      'There is no approved template of this name in this language: check both, or have it approved.',
    ),
    template_mismatch: hold(
      'template',
      'The parameters do not fit the template: compare their number, names and length with the template in the WhatsApp Manager.',
    ),
    template_paused: hold(
      'template',
      'WhatsApp paused, disabled or rejected this template: edit it and have it approved, or choose another.',
    ),
    request_invalid: hold(
      'template',
      'WhatsApp refused the request as it is configured: check the phone number id and the template parameters.',
    ),
    number_unregistered: hold(
      'template',
      'The sending phone number is not registered with the Cloud API: register it, then resume.',
    ),
    unlisted: retry({
      giveUp: {
        afterAttempts: 5,
        hold: hold(
          'item',
          'An error that is not in our table: look its code up in the Cloud API error reference, then retry.',
        ),
      },
    }),
  },
} as const satisfies GraphErrorTable<WhatsAppErrorClass>;

/** What a `failed` status webhook's error means; its codes are those of the API's answers. */
export function statusFailure(error: { code: number; message: string }): ProviderFailure {
  const { code } = error;
  const verdict = verdictOf(whatsAppErrors, { code, subcode: null, isTransient: false });
  return because(verdict, { code: String(code), message: maskText(error.message) });
}
