import { expect, test } from 'vitest';
import { openPlatform } from './api.ts';

const problem = (status: number, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ type: 't', title: 't', status, detail: 'd', code: 'c', request_id: 'r' }),
    { status, headers },
  );
const roles = () => new Response(JSON.stringify({ data: [], next_cursor: null }));

function platform(...answers: Response[]) {
  const sent: string[] = [];
  const waits: number[] = [];
  const open = async ({ method }: { readonly method: string }) => {
    sent.push(method);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('one request too many');
    return answer;
  };
  const api = openPlatform({ open }, new AbortController().signal, (seconds) =>
    waits.push(seconds),
  );
  return { api, sent, waits };
}

const body = { name: 'rep', level: '40' };

test('a request turned away for its rate is sent again when it may be, and the wait is told', async () => {
  const { api, sent, waits } = platform(problem(429, { 'retry-after': '0' }), roles());
  expect(await api.permissions.call('listRoles', { query: {} })).toMatchObject({ ok: true });
  expect(sent).toEqual(['GET', 'GET']);
  expect(waits).toEqual([0]);
});

test('a change that may have been made is not sent again', async () => {
  const { api, sent } = platform(problem(503, { 'retry-after': '0' }));
  const made = await api.permissions.call('createRole', { body });
  expect(made).toMatchObject({ ok: false, problem: { status: 503 } });
  expect(sent).toEqual(['POST']);
});

test('nobody is made to wait for hours', async () => {
  const { api, sent } = platform(problem(429, { 'retry-after': '86400' }));
  const made = await api.permissions.call('createRole', { body });
  expect(made).toMatchObject({ ok: false, problem: { status: 429 } });
  expect(sent).toHaveLength(1);
});

test('who is turned away again and again gives up', async () => {
  const always = Array.from({ length: 50 }, () => problem(429, { 'retry-after': '0' }));
  const { api, sent } = platform(...always);
  expect(await api.permissions.call('createRole', { body })).toMatchObject({ ok: false });
  expect(sent).toHaveLength(11);
});
