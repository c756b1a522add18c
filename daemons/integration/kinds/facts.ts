/** One thing that is known of a lead, for people. */
export interface Fact {
  readonly label: string;
  /** May have several lines, and be long. */
  readonly text: string;
}

const OWN: readonly (readonly [field: string, label: string])[] = [
  ['name', 'Name'],
  ['email', 'E-mail'],
  ['phone', 'Phone'],
  ['product', 'Product'],
  ['source', 'Source'],
  ['status', 'Status'],
  ['lead_reference_id', 'Reference'],
  ['created_at', 'Received'],
];
const NAMES_OF_OURS: ReadonlySet<string> = new Set([
  ...OWN.map(([field]) => field),
  'id',
  'lead_id',
]);

/**
 * What a person is told of a lead, out of its fields by name (see `fieldsOf`): our own first, then what the
 * form sent, at most `most` in all. Nothing that is empty,
 * and neither name nor address twice, as forms' own names for them would have it.
 */
export function factsOf(
  fields: Readonly<Record<string, string>>,
  most: number,
): { readonly facts: readonly Fact[]; readonly left: number } {
  const own = OWN.map(([field, label]) => ({ label, text: fields[field] ?? '' }));
  const known = new Set([fields['name'], fields['email'], fields['phone']]);
  const sent = Object.entries(fields)
    .filter(([name, text]) => !NAMES_OF_OURS.has(name) && !known.has(text))
    .map(([label, text]) => ({ label, text }));
  const all = [...own, ...sent].filter(({ text }) => text.trim() !== '');
  return { facts: all.slice(0, most), left: Math.max(0, all.length - most) };
}

/** Whom a lead is called by: its name, or what else is known. */
export function whoIs(fields: Readonly<Record<string, string>>): string {
  const known = [fields['name'], fields['email'], fields['phone']].map((text = '') =>
    oneLine(text),
  );
  return known.find((text) => text !== '') ?? 'without a name';
}

/** As one line: a line break in a field must not begin a line of ours. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** At most so many characters, and no half of one. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
