import { describe, expect, it } from 'vitest';
import { gatewayUrl, requireClient, resolveSettings } from './settings.ts';

const config = {
  current: 'prod',
  contexts: {
    prod: { url: 'https://prod.example', client: 'acme' },
    dev: { url: 'http://dev.example' },
  },
};
const env = { LEADCTL_URL: 'http://env.example', LEADCTL_CLIENT: 'from-env', LEADCTL_TOKEN: 't' };
const flags = { url: 'http://flag.example/', client: 'from-flag' };

describe('resolveSettings', () => {
  it('takes the flag, then the environment, then the context, then the default', () => {
    const pick = (input: Parameters<typeof resolveSettings>[0]) => {
      const { url, client } = resolveSettings(input);
      return [url, client];
    };
    expect(pick({ flags, env, config })).toEqual(['http://flag.example', 'from-flag']);
    expect(pick({ flags: {}, env, config })).toEqual(['http://env.example', 'from-env']);
    expect(pick({ flags: {}, env: {}, config })).toEqual(['https://prod.example', 'acme']);
    expect(pick({ flags: { context: 'dev' }, env: {}, config })).toEqual([
      'http://dev.example',
      undefined,
    ]);
    expect(pick({ flags: {}, env: {}, config: { contexts: {} } })).toEqual([
      'http://127.0.0.1:8000',
      undefined,
    ]);
  });

  it('never offers a login of one gateway to another', () => {
    const own = resolveSettings({ flags: {}, env: {}, config }).credentialKey;
    const other = resolveSettings({
      flags: { url: 'http://evil.example' },
      env: {},
      config,
    }).credentialKey;
    expect(other).not.toBe(own);
  });

  it('refuses a context that is not there, exit 5', () => {
    expect(() => resolveSettings({ flags: { context: 'x' }, env, config })).toThrow(
      "no context 'x'",
    );
  });
});

describe('requireClient', () => {
  it('names the ways to say which client', () => {
    const settings = resolveSettings({ flags: {}, env: {}, config: { contexts: {} } });
    expect(() => requireClient(settings)).toThrow('Which client?');
  });
});

describe('gatewayUrl', () => {
  it.each(['nonsense', 'ftp://x', 'http://user:pw@x'])('refuses %s', (url) => {
    expect(() => gatewayUrl(url)).toThrow('is not a gateway URL');
  });
});
