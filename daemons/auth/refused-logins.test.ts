import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SecurityEvent } from '../../lib/audit/security.ts';
import { fail } from '../../lib/core/errors.ts';
import { aUser } from '../../lib/testing/factories.ts';
import { asUser } from '../../lib/testing/identities.ts';
import { recordRefusedLogins } from './refused-logins.ts';
import { startTestAuth, type TestAuth } from './testing/start.ts';

let auth: TestAuth;
let aheadMs = 0;
beforeAll(async () => {
  auth = await startTestAuth({ clock: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => auth.stop());

const FAILURES_ALLOWED = 10;

test('wrong passwords and lock-outs are in the audit log, counted, by a masked address', async () => {
  const user = await aUser(auth.db, { email: 'boss@acme.example', password: 'the right one' });
  const guess = (nth: number) =>
    auth.daemon
      .client()
      .call('login', { body: { email: user.email, password: `secret guess ${nth}` } });
  const codes = [];
  for (let nth = 0; nth < FAILURES_ALLOWED + 2; nth += 1) {
    const answer = await guess(nth);
    codes.push(answer.ok ? 'ok' : answer.problem.code);
  }
  expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(2);
  // What came after the first is written when its minute is over.
  aheadMs = 60_000;
  const seen = async () => {
    const { rows } = await auth.db.query(
      `SELECT action, actor_kind, actor_id, client_id, target_id,
         sum((detail ->> 'count')::int)::int AS count
       FROM audit_log WHERE actor_kind = 'anonymous' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1`,
    );
    return rows;
  };
  const by = { actor_kind: 'anonymous', actor_id: null, client_id: null };
  await expect.poll(seen, { timeout: 10_000, interval: 100 }).toEqual([
    { action: 'login.failed', ...by, target_id: 'b***@acme.example', count: FAILURES_ALLOWED },
    { action: 'login.locked', ...by, target_id: 'b***@acme.example', count: 2 },
  ]);
  const { rows } = await auth.db.query('SELECT to_jsonb(a)::text AS row FROM audit_log a');
  expect(JSON.stringify(rows)).not.toMatch(/secret guess|boss@/);
});

test('wrong current passwords of somebody signed in are there too, and counted in the metrics', async () => {
  const user = await aUser(auth.db, { password: 'the right one' });
  const signedIn = auth.daemon.client(asUser(user));
  const guess = (nth: number) =>
    signedIn.call('changePassword', {
      body: { current_password: `secret guess ${nth}`, new_password: 'correct horse battery' },
    });
  for (let nth = 0; nth < FAILURES_ALLOWED + 2; nth += 1) await guess(nth);
  const removal = { body: { password: 'secret guess' } };
  expect(await signedIn.call('removeTotp', removal)).toMatchObject({
    problem: { code: 'rate_limited' },
  });
  aheadMs += 60_000;
  const seen = async () => {
    const { rows } = await auth.db.query(
      `SELECT action, target_kind, sum((detail ->> 'count')::int)::int AS count
       FROM audit_log WHERE actor_kind = 'anonymous' AND target_id = $1 GROUP BY 1, 2 ORDER BY 1`,
      [user.id],
    );
    return rows;
  };
  await expect.poll(seen, { timeout: 10_000, interval: 100 }).toEqual([
    { action: 'password.failed', target_kind: 'user', count: FAILURES_ALLOWED },
    { action: 'password.locked', target_kind: 'user', count: 3 },
  ]);
  const metrics = await (await fetch(`${auth.daemon.url}/metrics`)).text();
  expect(metrics).toMatch(/security_events_total\{[^}]*action="password.failed"[^}]*\} 10\n/);
});

test('being asked for the code of an authenticator app is no failure; a wrong code is', () => {
  const recorded: SecurityEvent[] = [];
  const onLoginRefused = recordRefusedLogins({ record: (event) => void recorded.push(event) });
  const attempt = {
    email: 'boss@acme.example',
    caller: { ip: '192.0.2.1', requestId: 'r', headers: {} },
  };
  const failure = fail('invalid_credentials', 'a code', {
    errors: [{ path: 'body.totp', message: 'is needed, or wrong' }],
  });
  onLoginRefused({ ...attempt, failure });
  expect(recorded).toEqual([]);
  onLoginRefused({ ...attempt, failure, totp: '000000' });
  onLoginRefused({ ...attempt, failure: fail('upstream_unavailable', 'busy') });
  expect(recorded).toMatchObject([{ action: 'login.failed', targetId: 'b***@acme.example' }]);
});
