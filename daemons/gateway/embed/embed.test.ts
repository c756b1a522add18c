import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minified } from '../../../tools/embed.ts';
import { openBench, type GatewayBench } from '../testing/bench.ts';
import { send } from '../testing/send.ts';
import { TEXTS } from './texts.ts';
import { V1 } from './v1.ts';

let bench: GatewayBench;
beforeAll(async () => {
  bench = await openBench({ kind: 'direct' });
});
afterAll(() => bench.stop());

describe('the script for websites’ forms', () => {
  test('is what its source says, and not larger than 3 KiB', () => {
    expect(V1, 'run node tools/embed.ts').toBe(minified());
    expect(Buffer.byteLength(V1)).toBeLessThanOrEqual(3 * 1024);
  });

  test('speaks eight languages, each in full', () => {
    expect(['en', ...Object.keys(TEXTS)].sort()).toEqual(
      ['ar', 'de', 'en', 'es', 'fr', 'hi', 'it', 'pt'].sort(),
    );
    for (const texts of Object.values(TEXTS)) expect(new Set(texts).size).toBe(6);
  });

  test.each(['/embed.js', '/embed/1.js', '/embed/1.json', '/embed.json'])(
    '%s is for every origin, with its type and a tag by which it is not sent twice',
    async (path) => {
      const { status, headers, text } = await send(bench.port, path, {
        headers: { origin: 'https://acme.example' },
      });
      expect(status).toBe(200);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
      expect(headers['x-content-type-options']).toBe('nosniff');
      const digest = createHash('sha384').update(text).digest('base64');
      expect(headers.etag).toBe(`"${digest}"`);
      const again = await send(bench.port, path, { headers: { 'if-none-match': headers.etag } });
      expect([again.status, again.text]).toEqual([304, '']);
    },
  );
});
