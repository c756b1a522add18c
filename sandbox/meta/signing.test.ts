import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appSecretProof, escapeAsMeta, hubSignature } from './signing.ts';

describe('signing as Meta', () => {
  it('matches a known signature', () => {
    const body = '{"object":"whatsapp_business_account","entry":[]}';
    expect(hubSignature(body, 'test_app_secret')).toBe(
      'sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756',
    );
  });

  it('escapes what Meta escapes', () => {
    expect(escapeAsMeta('"ä/@<%😀"')).toBe(String.raw`"\u00e4\/\u0040\u003c\u0025\ud83d\ude00"`);
  });

  it('changes no value: what is escaped parses to what it was, in ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const escaped = escapeAsMeta(text);
        expect(JSON.parse(escaped)).toEqual(JSON.parse(text));
        expect(escaped).not.toMatch(/[^\0-\u007f]/);
      }),
    );
  });

  it('proves a token with the secret’s HMAC in hex', () => {
    expect(appSecretProof('token', 'secret')).toMatch(/^[\da-f]{64}$/);
    expect(appSecretProof('token', 'secret')).not.toBe(appSecretProof('token', 'other'));
  });
});
