import type { NotSent } from '../../sending/plain.ts';
import type { People } from '../../sending/people.ts';
import { ROLES, type EmailSettings } from './settings.ts';

const isRole = (one: string): one is (typeof ROLES)[number] => ROLES.some((role) => role === one);

/** Whether the lead's people have to be known. */
export const namesPeople = ({ to }: EmailSettings): boolean => to.some(isRole);

/** The addresses that a mail goes to now, each once. */
export function recipientsOf({ to }: EmailSettings, people: People): readonly string[] {
  const byAddress = new Map<string, string>();
  for (const one of to) {
    const address = isRole(one) ? people[one]?.email : one;
    if (address === undefined) continue;
    const key = address.toLowerCase();
    if (!byAddress.has(key)) byAddress.set(key, address);
  }
  return [...byAddress.values()];
}

export function nobody({ to }: EmailSettings): NotSent {
  const who = to.filter(isRole).join(' and no ');
  const message = `The lead has no ${who} who could be written to. Assign it, or add an address to "to", and replay the delivery.`;
  return { code: 'no_recipient', message };
}
