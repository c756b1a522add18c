import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { maskEmail, maskPhone } from '../../../lib/providers/mask.ts';
import type { SuppressedAddress, SuppressionChannel } from './shapes.ts';

const clientRow = z.object({ default_country: z.string().nullable() });

/** As leads have it: E.164 by the client's country, or an e-mail address in lower case. */
export async function normaliseAddress(
  unit: ClientUnit,
  { channel, address }: SuppressedAddress,
): Promise<string | Failure> {
  if (channel === 'email') {
    const email = z.email().safeParse(address.toLowerCase());
    return email.success ? email.data : refused('an e-mail address');
  }
  const client: unknown = await unit
    .trx('clients')
    .where('client_id', unit.scope.clientId)
    .first('default_country');
  const country = clientRow.safeParse(client).data?.default_country ?? null;
  const phone = parsePhoneNumberFromString(
    address,
    country !== null && isSupportedCountry(country) ? country : undefined,
  );
  if (phone?.isPossible()) return phone.number;
  // Leads may have numbers that no plan knows any more, and whoever has one may say no all the same.
  const international = address.replaceAll(/[\s().-]/g, '');
  return /^\+[1-9]\d{6,14}$/.test(international)
    ? international
    : refused('a phone number with its country’s code, such as +4915112345678');
}

function refused(what: string): Failure {
  return fail('validation_failed', `The address is not ${what}.`, {
    errors: [{ path: 'body.address', message: `must be ${what}` }],
  });
}

/** What the audit log may keep of it. */
export function maskAddress(channel: SuppressionChannel, address: string): string {
  return channel === 'email' ? maskEmail(address) : maskPhone(address);
}
