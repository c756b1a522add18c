import type { Row } from './row.ts';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+?[\d\s()./-]{6,30}$/;

/**
 * What a strict import refuses beyond what the gateway does: rows that lost columns, addresses and numbers
 * that cannot be any. A form's lead with such would be kept all the same; a file can be mended first.
 */
export function strictly(row: Row): Row {
  if (row.problem !== undefined) return row;
  const { email, phone } = row.fields;
  if (row.missing > 0)
    return { ...row, problem: `has ${row.missing} field(s) less than the header` };
  if (typeof email === 'string' && email.trim() !== '' && !EMAIL.test(email.trim())) {
    return { ...row, problem: 'has an email that is none' };
  }
  if (typeof phone === 'string' && phone.trim() !== '' && !PHONE.test(phone.trim())) {
    return { ...row, problem: 'has a phone that is none' };
  }
  return row;
}
