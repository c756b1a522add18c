/** The events of a lead that a destination may be owed something for. */
export type LeadEvent = 'lead.created' | 'lead.assigned' | 'lead.updated';

/** Which event an occasion is about: `assigned:…`, `updated:…`; all others tell of the lead itself. */
export function eventOf(occasion: string): LeadEvent {
  if (occasion.startsWith('assigned:')) return 'lead.assigned';
  return occasion.startsWith('updated:') ? 'lead.updated' : 'lead.created';
}

const HEADLINES: Readonly<Record<LeadEvent, string>> = {
  'lead.created': 'New lead',
  'lead.assigned': 'Lead assigned',
  'lead.updated': 'Lead changed',
};

/** For people. */
export const headlineOf = (occasion: string): string => HEADLINES[eventOf(occasion)];
