import { expect, test } from 'vitest';
import { fieldsOf } from './fields.ts';

const lead = {
  id: '01a20fbf-0000-7000-8000-000000000000',
  created_at: new Date(0),
  name: 'Ada',
  email: null,
  phone: null,
  phone_valid: null,
  source: 'website',
  status: 'new',
  product: null,
  lead_reference_id: null,
  is_erased: false,
};
const fields = (payload: string) => fieldsOf({ lead, payload });

test('a name that every object has is a field only where the lead has it', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(fields('{}')[name]).toBeUndefined();
    expect(fields(`{"${name}":"sent"}`)[name]).toBe('sent');
  }
});

test('what the form sent does not pass for a column of ours', () => {
  expect(fields('{"lead_id":"mine","source":"mine","city":"Bonn"}')).toMatchObject({
    lead_id: lead.id,
    source: 'website',
    city: 'Bonn',
  });
});
