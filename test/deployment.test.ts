import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PORT_OFFSETS } from '../bin/host/ports.ts';
import { settingsOf } from '../bin/host/service-settings.ts';
import { SERVICES } from '../lib/contract/route.ts';
import { hostSettings } from '../lib/core/config.ts';

const ROOT = join(import.meta.dirname, '..');
const DAEMONS = SERVICES.filter((service) => service !== 'sandbox');

const service = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  tmpfs: z.array(z.string()).optional(),
  mem_limit: z.string().optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
  ports: z.array(z.string()).optional(),
});
const compose = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true })).services;
const of = (name: string) => compose[name] ?? service.parse({});

/** What follows from the file's own shape, or is another process's. */
const NOT_PASSED = new Set(['DATABASE_LOGIN_SECRET', 'INTERNAL_SECRET', 'INTERNAL_KEY']);

const IS_SECRET = /(?:_SECRETS?|_KEYS?|_TOKEN|PASSWORD\w*|SMTP_URL|LOGIN\w*)$/;

describe('docker-compose.yml', () => {
  test('runs every daemon that there is, and each by its own command', () => {
    const others = ['postgres', 'mongo', 'migrate'];
    expect(Object.keys(compose).toSorted()).toEqual([...DAEMONS, ...others].toSorted());
    for (const name of DAEMONS) expect(of(name).command).toEqual(['bin/leadd', name]);
  });

  test.each(DAEMONS)('passes every setting of %s on, and no secret of another', async (name) => {
    const own = (await settingsOf(name)).shape;
    const wanted = [...Object.keys(hostSettings.shape), ...Object.keys(own)].filter(
      (setting) => !NOT_PASSED.has(setting),
    );
    const given = of(name).environment;
    expect(wanted.filter((setting) => !(setting in given))).toEqual([]);
    const secret = name === 'gateway' ? 'INTERNAL_SECRET' : 'INTERNAL_KEY';
    expect(given).toHaveProperty(secret);
    expect(given['DATABASE_URL']).toContain(`leadctl_${name}:`);
    const known = new Set([...wanted, secret, ...DAEMONS.map((one) => `${one.toUpperCase()}_URL`)]);
    const foreign = Object.keys(given).filter((setting) => !known.has(setting));
    expect(foreign.filter((setting) => IS_SECRET.test(setting))).toEqual([]);
  });

  test.each(DAEMONS)('gives %s nothing that it does not need', (name) => {
    const { read_only, cap_drop, security_opt, tmpfs, mem_limit, logging } = of(name);
    expect({ read_only, cap_drop, security_opt, tmpfs }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      tmpfs: ['/tmp'],
    });
    expect(mem_limit).toMatch(/^\d+m$/);
    expect(logging?.options['max-size']).toBe('10m');
  });

  test('asks every container whether it is ready, PostgreSQL over TCP', () => {
    for (const name of DAEMONS) {
      const port = 8000 + PORT_OFFSETS[name];
      expect(of(name).healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${port}/ready`);
    }
    expect(of('postgres').healthcheck?.test).toContain('127.0.0.1');
    expect(of('mongo').healthcheck).toBeDefined();
  });

  test('shows the gateway on this machine alone, unless told', () => {
    expect(of('gateway').ports).toEqual(['${BIND:-127.0.0.1}:${PORT:-8000}:8000']);
    for (const name of Object.keys(compose).filter((one) => one !== 'gateway')) {
      expect(of(name).ports).toBeUndefined();
    }
  });
});
