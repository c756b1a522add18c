import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createKoa } from '../../lib/http/app.ts';
import { createTokenRing, type TokenType } from '../../lib/identity/tokens.ts';
import { bearerOf, verifyToken } from './bearer.ts';
import { rememberVerified } from './verified-tokens.ts';

const SECRETS = [{ kid: 'k1', secret: 'the-only-one-of-this-tests-secrets' }];

function gate() {
  const clock = { now: new Date() };
  const ring = createTokenRing({ secrets: SECRETS, clock: () => new Date() });
  let verifications = 0;
  const verify = verifyToken(ring);
  const remembering = rememberVerified(
    (ctx, next) => {
      verifications += 1;
      return verify(ctx, next);
    },
    { clock: () => clock.now, tokenOf: bearerOf },
  );
  const issue = (type: TokenType = 'access') =>
    ring.issue({
      type,
      user: { id: 'u1', email: 'u1@example.com', isAdmin: false },
      jti: 'j1',
      sid: 's1',
      lifetimeSeconds: 60,
    });
  const claimsOf = async (token: string | undefined): Promise<unknown> => {
    const request = new IncomingMessage(new Socket());
    if (token !== undefined) request.headers.authorization = `Bearer ${token}`;
    const ctx = createKoa().createContext(request, new ServerResponse(request));
    let isPassed = false;
    await remembering(ctx, async () => void (isPassed = true));
    expect(isPassed).toBe(true);
    return Reflect.get(ctx.state, 'claims');
  };
  return { clock, issue, claimsOf, verifications: () => verifications };
}

test('a token is verified once, and its claims are those of the first time', async () => {
  const { issue, claimsOf, verifications } = gate();
  const token = issue();
  const first = await claimsOf(token);
  expect(first).toMatchObject({ user_id: 'u1', sid: 's1', type: 'access' });
  expect(await claimsOf(token)).toEqual(first);
  expect(verifications()).toBe(1);
});

test('one that has expired since is verified again, and is none', async () => {
  const { clock, issue, claimsOf, verifications } = gate();
  const token = issue();
  await claimsOf(token);
  clock.now = new Date(clock.now.getTime() + 61_000);
  await claimsOf(token);
  expect(verifications()).toBe(2);
});

test('forged tokens, those of another type and none at all are never remembered', async () => {
  const { issue, claimsOf, verifications } = gate();
  const good = issue();
  const forged = `${good.slice(0, -2)}xx`;
  await claimsOf(good);
  for (let round = 0; round < 2; round += 1) {
    expect(await claimsOf(forged)).toBeUndefined();
    expect(await claimsOf(undefined)).toBeUndefined();
    await claimsOf(issue('refresh'));
  }
  expect(verifications()).toBe(7);
});
