import type { PlainDelivery } from '../../sending/plain.ts';
import { cut, factsOf, oneLine, whoIs, type Fact } from '../facts.ts';
import { headlineOf } from '../occasion.ts';
import type { EmailSettings } from './settings.ts';

export interface LeadMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

type Told = Pick<PlainDelivery<EmailSettings>, 'delivery' | 'fields' | 'settings'>;

const MOST_SUBJECT = 200;
const MOST_FACTS = 100;
const MOST_CHARACTERS = 4_000;
const WIDEST_LABEL = 24;

/** The configured subject with the lead's fields in it, in one line whatever these hold. */
export function subjectOf({ delivery, fields, settings }: Told): string {
  const pattern = settings.subject ?? `${headlineOf(delivery.occasion)}: {name}`;
  const named: Readonly<Record<string, string>> = { ...fields, name: whoIs(fields) };
  const filled = pattern.replaceAll(/\{([^{}]+)\}/g, (_all, name: string) =>
    Object.hasOwn(named, name) ? (named[name] ?? '') : '',
  );
  return cut(oneLine(filled), MOST_SUBJECT);
}

/** The lead as plain text, a fact a line; further lines of a fact are indented, so that none passes for another. */
export function textOf({ delivery, fields }: Told): string {
  const { facts, left } = factsOf(fields, MOST_FACTS);
  const labels = facts.map(({ label }) => cut(oneLine(label), WIDEST_LABEL));
  const width = Math.max(...labels.map(({ length }) => length)) + 2;
  const lines = facts.map((fact, index) => line(fact, labels[index] ?? '', width));
  const more = left === 0 ? [] : [`… and ${left} more fields.`];
  return [
    `${headlineOf(delivery.occasion)}: ${cut(whoIs(fields), MOST_SUBJECT)}`,
    '',
    ...lines,
    ...more,
    '',
    `See all of it with: leadctl lead get ${delivery.lead.id}`,
    '',
  ].join('\n');
}

function line({ text }: Fact, label: string, width: number): string {
  const lines = cut(text, MOST_CHARACTERS)
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((one) => oneLine(one));
  const indent = `\n${' '.repeat(width)}`;
  return `${`${label}:`.padEnd(width)}${lines.filter((one) => one !== '').join(indent)}`;
}
