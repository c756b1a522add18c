import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { type Ran, runLeadctl } from '../bin/testing/run.ts';
import { ADMIN, type Platform, startUp, type Workplace, workplace } from './platform.ts';

let at: Workplace;
let platform: Platform;
let dir: string;
let lead: string;

beforeAll(async () => {
  at = await workplace(23_200);
  platform = await startUp(at);
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-told-'));
  await run(['login', '--email', ADMIN.email, '--password-stdin'], ADMIN.password);
  lead = await out('lead ingest --name First --phone +4930901820 -o name');
  await out('token create spare --role rep');
  await vi.waitFor(
    async () => {
      const found = await out('delivery ls --status delivered -o name');
      if (found === '') throw new Error('no delivery went through yet');
    },
    { timeout: 10_000, interval: 50 },
  );
});

afterAll(async () => {
  await platform.stop();
  await at.remove();
  await rm(dir, { recursive: true, force: true });
});

function run(args: readonly string[], stdin = ''): Promise<Ran> {
  const { gateway, demo } = platform.ready;
  const env = {
    LEADCTL_URL: gateway,
    LEADCTL_CLIENT: demo.client_id,
    LEADCTL_API_KEY: demo.api_key,
  };
  return runLeadctl(args, dir, { env, stdin, now: () => new Date() });
}

const leadctl = (line: string): Promise<Ran> => run(line.split(' '));

/** Of a command that must succeed. */
async function out(line: string): Promise<string> {
  const ran = await leadctl(line);
  expect([line, ran.code, ran.err]).toEqual([line, 0, ran.err]);
  return ran.out.trim();
}

async function json(line: string): Promise<unknown> {
  return JSON.parse(await out(`${line} -o json`));
}

describe('an operator', () => {
  test('is told of a client that does not exist, and of a route that does not', async () => {
    for (const line of ['webhook events', 'lead ls', 'delivery replay --dry-run', 'key ls']) {
      const ran = await leadctl(`${line} --client nosuch`);
      expect([line, ran.code, ran.out]).toEqual([line, 5, '']);
      expect(ran.err).toContain('There is no client nosuch.');
    }
    const canI = await leadctl('can-i POST /api/nonsense');
    expect([canI.code, canI.out]).toEqual([5, '']);
    expect(canI.err).toContain('No operation is POST /api/nonsense');
  });

  test('reads what is wrong with the options that they typed', async () => {
    const ran = await leadctl('key create wrong --origin acme.example/x');
    expect(ran.code).not.toBe(0);
    expect(ran.err).toContain('--origin: must be an origin');
    expect(ran.err).not.toContain('body.');
    const noFile = await leadctl('apply -f nosuch.yaml');
    expect(noFile.err).toContain('There is no such file or directory.');
    expect(noFile.err).not.toContain('ENOENT');
  });

  test('is given whole commands by a test of an integration, also at 80 columns', async () => {
    await out('client create bare --name Bare');
    const ran = await runLeadctl(
      ['integration', 'test', 'google_sheets', '--client', 'bare'],
      dir,
      { env: { LEADCTL_URL: platform.ready.gateway }, tty: true, now: () => new Date() },
    );
    expect(ran.code).toBe(1);
    const printed = ran.out + ran.err;
    expect(printed).toContain('not_configured');
    expect(printed).toContain(
      '→ leadctl integration set --service-account-file FILE --client bare\n',
    );
    for (const line of ran.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const mapped = await leadctl('meta source add 424242 --client bare');
    expect(mapped.err).toContain('bare has no page token');
  });

  test('completes ids, paths of products, sources and what can be granted', async () => {
    const values = async (kind: string) => (await out(`__complete ${kind}`)).split('\n');
    expect(await values('leads')).toContain(lead);
    const newest = await out('delivery ls --limit 20 --status delivered -o name');
    expect(await values('deliveries')).toEqual(
      expect.arrayContaining(newest.split('\n').slice(-1)),
    );
    const products = await values('products');
    const offered = (await out('product offered -o name')).split('\n');
    expect(products).toEqual(expect.arrayContaining(offered));
    expect(await values('users')).toContain(ADMIN.email);
    expect(await values('sources')).toContain('200000000000001');
    expect(await values('tokens')).toContain('spare');
    expect(await values('operations')).toContain('GET /api/clients/{client_id}/leads');
    expect(await values('paths')).toContain('/api/clients/{client_id}/leads');
    expect(await values('methods')).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
  });

  test('has leads posted to a program of theirs, signed as a web hook is', async () => {
    const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
    const file = path.join(dir, 'hook-secret');
    await writeFile(file, secret);
    const posted = Promise.withResolvers<{ body: string; headers: Record<string, string> }>();
    const server = createServer((request, response) => {
      void (async () => {
        const body = await text(request);
        const headers = Object.entries(request.headers).map(([name, value]) => [name, `${value}`]);
        posted.resolve({ body, headers: Object.fromEntries(headers) });
        response.end();
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const listening = leadctl(
      `listen --forward-to http://127.0.0.1:${port}/hook --event lead.created --limit 1 --secret-file ${file} -o json`,
    );
    const ended = new AbortController();
    void listening.finally(() => ended.abort());
    // Nobody says when the stream is open: leads come until one was passed on.
    while (!ended.signal.aborted) {
      await out('lead ingest --name Listened --email listened@mail.example -o name');
      await sleep(200);
    }
    const { body, headers } = await posted.promise;
    server.close();
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: 'lead.created',
      data: { lead: { client_id: 'acme' } },
    });
    expect(() => new Webhook(secret).verify(body.replace('acme', 'acmf'), headers)).toThrow(
      /signature/i,
    );
    expect(body).not.toContain('listened@');
    expect(JSON.parse((await listening).out)).toMatchObject({ status: 200, type: 'lead.created' });
  });

  test('sees who of the members can log in', async () => {
    const members = z.array(z.object({ email: z.string(), user_status: z.string() }));
    const listed = members.parse(await json('member ls'));
    expect(listed.find(({ email }) => email === 'rep@acme.example')?.user_status).toBe('invited');
    expect(await out('member ls')).toMatch(/rep@acme.example +invited/);
  });

  test('is told which port is taken before anything starts', async () => {
    const port = Number(new URL(platform.ready.gateway).port);
    const data = path.join(dir, 'second');
    const ran = await leadctl(`up --data-dir ${data} --port-base ${port}`);
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toContain(`Port ${port} (gateway) is taken by another program`);
    expect(ran.err).toMatch(/Try: leadctl up --port-base \d+/);
    expect(existsSync(path.join(data, 'log'))).toBe(false);
  });
});
