import { describe, expect, test } from 'vitest';
import { SERVICES, type ServiceName } from '../contract/route.ts';
import { asAdmin, asService } from '../testing/identities.ts';
import { internalKeyOf, keysFromSecret, keysFromText } from './keys.ts';
import { createIdentitySeal } from './seal.ts';

const SECRET = 'a secret that only this test knows';
const clock = () => new Date();

/** As in one process for all, or as the gateway. */
const knowing = (service: ServiceName) =>
  createIdentitySeal({ keys: keysFromSecret(SECRET, service), clock });

/** As in a process of its own, which holds no more than its INTERNAL_KEY. */
const alone = (service: ServiceName) =>
  createIdentitySeal({ keys: keysFromText(internalKeyOf(SECRET, service), service), clock });

const admin = asAdmin();
const DAEMONS = SERVICES.filter((service) => service !== 'gateway');

describe('what the gateway vouches for', () => {
  test.each(DAEMONS)('is believed by %s, whom it is for, and by nobody else', (audience) => {
    const token = knowing('gateway').seal(admin, audience);
    for (const other of SERVICES) {
      const expected = other === audience ? admin : undefined;
      expect([other, alone(other).open(token)]).toEqual([other, expected]);
      expect([other, knowing(other).open(token)]).toEqual([other, expected]);
    }
  });

  test('is believed no longer when a character of it was changed', () => {
    const token = knowing('gateway').seal(admin, 'lead');
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      // The last character of base64 may hold bits that mean nothing; the text must still be refused.
      expect([at, alone('lead').open(changed)]).toEqual([at, undefined]);
    }
  });
});

describe('with the key of one daemon', () => {
  test.each(DAEMONS)('%s vouches for itself at the permission service', (service) => {
    const token = alone(service).seal(asService(service), 'permission');
    expect(alone('permission').open(token)).toEqual(asService(service));
    expect(alone('lead').open(token)).toBeUndefined();
  });

  test.each(DAEMONS)('%s vouches for nobody else, and nowhere else', (service) => {
    const forger = alone(service);
    for (const identity of [admin, asService(service === 'auth' ? 'user' : 'auth')]) {
      expect(alone('permission').open(forger.seal(identity, 'permission'))).toBeUndefined();
    }
    for (const audience of SERVICES.filter((name) => name !== 'permission')) {
      expect(() => forger.seal(admin, audience)).toThrow('has no key');
    }
  });

  test.each(DAEMONS)(
    'nothing that %s could sign as the gateway is believed elsewhere',
    (service) => {
      const own = keysFromText(internalKeyOf(SECRET, service), service);
      for (const key of [own.own, own.towards('permission')]) {
        const forger = createIdentitySeal({
          keys: { service: 'gateway', own: key, towards: () => key },
          clock,
        });
        for (const audience of SERVICES.filter((name) => name !== service)) {
          const forged = forger.seal(admin, audience);
          expect(alone(audience).open(forged)).toBeUndefined();
          expect(alone(audience).open(`${forged}.${service}`)).toBeUndefined();
        }
      }
    },
  );
});

test('a token of a caller that does not exist is refused, not an error', () => {
  expect(alone('lead').open('e30.e30.nobody')).toBeUndefined();
  expect(alone('lead').open('')).toBeUndefined();
});
