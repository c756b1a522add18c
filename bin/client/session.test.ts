import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfigStore, readCredential, saveCredential } from '../config/store.ts';
import { runLeadctl } from '../testing/run.ts';
import { type FakeGateway, problemAnswer, startFakeGateway } from '../testing/fake-gateway.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
let dir: string;
let gateway: FakeGateway;
/** As the auth service keeps it: a token that is presented twice ends its family. */
let alive: { access: string; refresh: string } | undefined;
let refreshes: number;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-session-'));
  alive = { access: 'access-1', refresh: 'refresh-1' };
  refreshes = 0;
  gateway = await startFakeGateway({
    'POST /api/auth/refresh': async ({ body }) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      const known = alive !== undefined && JSON.stringify(body).includes(alive.refresh);
      if (!known) {
        alive = undefined;
        return problemAnswer('unauthenticated');
      }
      refreshes += 1;
      alive = { access: `access-${refreshes + 1}`, refresh: `refresh-${refreshes + 1}` };
      return {
        body: {
          access_token: alive.access,
          refresh_token: alive.refresh,
          token_type: 'Bearer',
          expires_in: 1_800,
          refresh_expires_in: 604_800,
        },
      };
    },
    'GET /api/auth/me': ({ headers }) =>
      headers.authorization === `Bearer ${alive?.access}`
        ? {
            body: {
              id: '01890000-0000-7000-8000-000000000001',
              email: 'mia@acme.example',
              is_admin: true,
              email_proven: true,
              has_totp: false,
              phone: null,
              status: 'active',
              memberships: [],
            },
          }
        : problemAnswer('token_expired'),
  });
});

afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const whoami = () =>
  runLeadctl(['whoami', '-o', 'name', '--url', gateway.url], dir, { now: () => NOW });

async function logIn(accessExpiresAt: string, access = 'access-1'): Promise<void> {
  await saveCredential(createConfigStore(dir), gateway.url, {
    email: 'mia@acme.example',
    access_token: access,
    access_expires_at: accessExpiresAt,
    refresh_token: 'refresh-1',
    refresh_expires_at: '2026-03-08T12:00:00.000Z',
  });
}

describe('a stored login', () => {
  it('is refreshed once by many runs at the same moment', async () => {
    await logIn('2026-03-01T12:00:01.000Z');
    const runs = await Promise.all([whoami(), whoami(), whoami(), whoami()]);
    expect(runs.map(({ code, out }) => [code, out])).toEqual(
      runs.map(() => [0, 'mia@acme.example\n']),
    );
    expect(refreshes).toBe(1);
  });

  it('is refreshed when the gateway says that it expired, and the request sent again', async () => {
    await logIn('2026-03-01T13:00:00.000Z', 'access-0');
    expect(await whoami()).toMatchObject({ code: 0, out: 'mia@acme.example\n' });
    const stored = await readCredential(createConfigStore(dir), gateway.url);
    expect(stored).toMatchObject({
      email: 'mia@acme.example',
      access_token: 'access-2',
      access_expires_at: '2026-03-01T12:30:00.000Z',
    });
  });

  it('that has ended is forgotten, with exit 4 and the way to log in', async () => {
    await logIn('2026-03-01T12:00:01.000Z');
    alive = undefined;
    const ran = await whoami();
    expect([ran.code, ran.out]).toEqual([4, '']);
    expect(ran.err).toContain('has ended');
    expect(ran.err).toContain('Try: leadctl login');
    expect(await readCredential(createConfigStore(dir), gateway.url)).toBeUndefined();
  });

  it('is not needed with LEADCTL_TOKEN, which is used as it is', async () => {
    const env = { LEADCTL_TOKEN: 'access-1' };
    const ran = await runLeadctl(['whoami', '-o', 'name', '--url', gateway.url], dir, { env });
    expect(ran).toMatchObject({ code: 0, out: 'mia@acme.example\n' });
  });

  it('that is missing is said before anything is sent', async () => {
    expect(await whoami()).toMatchObject({ code: 4, out: '' });
    expect(gateway.seen).toEqual([]);
  });
});
