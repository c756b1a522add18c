/** The destinations that the switchboard is for; each is of the kind of its name. */
export const SWITCHES = ['whatsapp', 'google_sheets'] as const;
export type Switch = (typeof SWITCHES)[number];

export const isSwitch = (name: string): name is Switch => SWITCHES.some((one) => one === name);

/** One thing for each switch. */
export function perSwitch<T>(make: (name: Switch) => T): Readonly<Record<Switch, T>> {
  return { whatsapp: make('whatsapp'), google_sheets: make('google_sheets') };
}

/** All that has settings of the client’s and can be tested. */
export const INTEGRATIONS = [...SWITCHES, 'meta'] as const;
export type Integration = (typeof INTEGRATIONS)[number];
