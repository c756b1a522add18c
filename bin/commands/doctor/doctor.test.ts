import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemAnswer, startFakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-doctor-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const READY = {
  status: 'ok',
  service: 'gateway',
  version: '0.0.0-test',
  checks: { lead: { status: 'ok', version: '0.0.0-test' } },
};

async function examine(ready: { status: number; body: unknown }, url?: string) {
  const gateway = await startFakeGateway({
    'GET /ready': () => ready,
    'GET /api/auth/me': () => problemAnswer('token_expired'),
  });
  try {
    const env = { LEADCTL_URL: url ?? gateway.url, LEADCTL_TOKEN: 'a token' };
    const run = { env, now: () => new Date() };
    const ran = await runLeadctl(['doctor', '-o', 'json'], dir, run);
    return { ...ran, findings: JSON.parse(ran.out) };
  } finally {
    await gateway.stop();
  }
}

test('a token that is over is a finding with its remedy, and exit 1', async () => {
  const { code, findings } = await examine({ status: 200, body: READY });
  expect(code).toBe(1);
  expect(findings[0]).toMatchObject({
    layer: 'login',
    status: 'failed',
    remedy: 'leadctl login',
  });
  expect(findings).toContainEqual(expect.objectContaining({ layer: 'service', check: 'lead' }));
});

test('a gateway that tells strangers nothing is asked again by those who are logged in', async () => {
  const gateway = await startFakeGateway({
    'GET /ready': ({ headers }) => ({
      status: 200,
      body: headers['authorization'] === 'Bearer a token' ? READY : { status: 'ok' },
    }),
    'GET /api/auth/me': () => problemAnswer('token_expired'),
  });
  try {
    const examined = async (token: Record<string, string>) => {
      const run = { env: { LEADCTL_URL: gateway.url, ...token }, now: () => new Date() };
      return (await runLeadctl(['status', '-o', 'name'], dir, run)).out;
    };
    expect(await examined({ LEADCTL_TOKEN: 'a token' })).toBe('lead\n');
    expect(await examined({})).toBe('');
  } finally {
    await gateway.stop();
  }
});

test('a gateway that is not there, or no gateway, is the one finding', async () => {
  const nowhere = await examine({ status: 200, body: READY }, 'http://127.0.0.1:9');
  expect(nowhere).toMatchObject({ code: 1, findings: [{ check: 'reachable', status: 'failed' }] });
  const another = await examine({ status: 200, body: { hello: 'world' } });
  expect(another).toMatchObject({ code: 1, findings: [{ check: 'reachable', status: 'failed' }] });
});
