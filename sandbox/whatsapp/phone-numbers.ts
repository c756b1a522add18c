import { createBoundedMap } from '../bounded.ts';

export interface PhoneNumber {
  readonly id: string;
  readonly waba_id: string;
  readonly display_phone_number: string;
  readonly verified_name: string;
  readonly quality_rating: string;
  /** Put before a recipient written without `+`. */
  readonly country_code: string;
}

export const DEFAULT_WABA_ID = '102290129340398';

/** A business's numbers; one that nobody registered is made up, the same each time. */
export interface PhoneNumbers {
  register(number: PhoneNumber): void;
  find(id: string): PhoneNumber | undefined;
  get(id: string): PhoneNumber;
  ofAccount(wabaId: string): PhoneNumber[];
  clear(): void;
}

export function createPhoneNumbers(): PhoneNumbers {
  const numbers = createBoundedMap<PhoneNumber>(1_000);
  return {
    register: (number) => numbers.set(number.id, number),
    find: (id) => numbers.get(id),
    get(id) {
      const known = numbers.get(id);
      if (known !== undefined) return known;
      const made = madeUp(id);
      numbers.set(id, made);
      return made;
    },
    ofAccount: (wabaId) => numbers.values().filter((number) => number.waba_id === wabaId),
    clear: () => numbers.clear(),
  };
}

export function madeUp(id: string): PhoneNumber {
  return {
    id,
    waba_id: DEFAULT_WABA_ID,
    display_phone_number: `1555${id.replaceAll(/\D/g, '').slice(-7).padStart(7, '0')}`,
    verified_name: 'Sandbox',
    quality_rating: 'GREEN',
    country_code: '1',
  };
}

/** The recipient as WhatsApp understands it: digits only, with the business's country where none is given. */
export function waIdOf(to: string, business: PhoneNumber): string {
  const digits = to.replaceAll(/\D/g, '');
  return to.startsWith('+') ? digits : `${business.country_code}${digits}`;
}
