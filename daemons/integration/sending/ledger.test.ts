import { DatabaseError } from 'pg';
import { z } from 'zod';
import { expect, test } from 'vitest';
import type { RunStatement } from '../../../lib/db/statement.ts';
import { createLedger, type Message } from './ledger.ts';

const ids = z.array(z.string());

/** A ledger whose statements are answered as if every lease were held; `fails` says which are not. */
function ledger(fails: (ids: readonly string[]) => boolean = () => false) {
  const asked: (readonly string[])[] = [];
  const run: RunStatement = async (statement, values) => {
    const given = ids.parse(values[1]);
    asked.push(given);
    if (fails(given)) throw rowError();
    return given.map((id) =>
      statement.row.parse({
        id,
        phone: `phone of ${id}`,
        phone_valid: true,
        status: 'new',
        is_erased: false,
        consent: null,
        is_suppressed: false,
        is_within_limit: true,
        is_settled: true,
      }),
    );
  };
  return { ledger: createLedger(run, 5), asked };
}

function rowError(): DatabaseError {
  const error = new DatabaseError('changed a row twice', 0, 'error');
  error.code = '21000';
  return error;
}

const message = (id: string, phone: string, own: string | null = null): Message => ({
  lease: 'lease',
  id,
  phone,
  own,
});

test('what several lanes begin at once is one statement, and each learns of its own', async () => {
  const { ledger: it, asked } = ledger();
  const [one, two] = await Promise.all([
    it.begin([{ lease: 'l1', id: 'a' }]),
    it.begin([
      { lease: 'l2', id: 'b' },
      { lease: 'l2', id: 'c' },
    ]),
  ]);
  expect(asked).toEqual([['a', 'b', 'c']]);
  expect([one.has('a'), two.has('b'), two.has('c'), two.has('d')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('no statement counts two messages to one lead’s phone; the client’s own people are not counted', async () => {
  const { ledger: it, asked } = ledger();
  const messages = [
    message('a', '+1'),
    message('b', '+1'),
    message('c', '+2'),
    message('d', '+1', '+9'),
    message('e', '+1'),
  ];
  const found = await Promise.all(messages.map((one) => it.beginMessage(one)));
  expect(found.map((recipient) => recipient?.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(asked).toEqual([['a', 'c', 'd'], ['b'], ['e']]);
});

test('phones that became the same after the claim are counted one after the other', async () => {
  const { ledger: it, asked } = ledger((given) => given.length > 1);
  const found = await Promise.all(
    [message('a', '+1'), message('b', '+2')].map((one) => it.beginMessage(one)),
  );
  expect(found.map((recipient) => recipient?.id)).toEqual(['a', 'b']);
  expect(asked).toEqual([['a', 'b'], ['a'], ['b']]);
});
