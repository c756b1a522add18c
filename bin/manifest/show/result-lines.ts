import { visible } from '../../ui/text.ts';
import { showKind } from '../names.ts';
import type { ResultRow } from './view.ts';

const MOST_OPEN = 50;

/**
 * What a person must see of the results, and nothing of it cut, however narrow the terminal: values that
 * are shown once only, and what was not done and why.
 */
export function resultLines(rows: readonly ResultRow[]): string {
  const open = rows.filter(({ status }) => status === 'failed' || status === 'skipped');
  const failedFirst = open.toSorted((a, b) =>
    a.status < b.status ? -1 : Number(a.status > b.status),
  );
  const more = open.length - MOST_OPEN;
  const lines = [
    ...rows.flatMap(oneTimeLines),
    ...failedFirst.slice(0, MOST_OPEN).flatMap(openLines),
    ...(more > 0 ? [`… and ${more} more were not done; -o json tells of each`] : []),
  ];
  return lines.length === 0 ? '' : `\n${lines.map(visible).join('\n')}\n`;
}

function oneTimeLines(row: ResultRow): string[] {
  const { client_id: client, name, key, set_password_url: link, expires_at: end } = row;
  if (key !== undefined) return [`API key ${name} of ${client}:`, `  ${key}`];
  if (row.secrets !== undefined) {
    return Object.entries(row.secrets).flatMap(([secret, value]) => [
      `The ${secret} of ${name} of ${client}:`,
      `  ${value}`,
    ]);
  }
  if (row.emailed === true) return [`Invitation of ${name} to ${client}: mailed to them`];
  if (link === undefined) return [];
  const { email_failure: why } = row;
  const unsent = why === undefined ? [] : [`  (it could not be mailed: ${why})`];
  return [
    `Invitation of ${name} to ${client}, until ${end}; send them this link:`,
    `  ${link}`,
    ...unsent,
  ];
}

function openLines({ status, kind, client_id: client, name, error }: ResultRow): string[] {
  const what = [showKind(kind), ...(client === null ? [] : [client]), name].join(' ');
  return [`${status === 'failed' ? 'Failed' : 'Skipped'}: ${what}`, `  ${error ?? ''}`];
}
