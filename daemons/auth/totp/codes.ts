import { defined } from '../../../lib/core/defined.ts';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../lib/core/clock.ts';

/** RFC 6238 as authenticator apps do it: 6 digits, SHA-1, 30 s. */
export interface TotpCodes {
  newSecret(): Promise<string>;
  /** What the app reads, usually as a QR code. */
  urlOf(secret: string, email: string): Promise<string>;
  /** The 30-second step whose code this is, if it is later than `afterStep`; undefined for a wrong code. */
  stepOf(secret: string, code: string, afterStep: number | undefined): Promise<number | undefined>;
}

const ISSUER = 'leadctl';
/** A clock may be one code ahead or behind. */
const TOLERANCE_S = 30;

export function createTotpCodes(deps: { clock: Clock }): TotpCodes {
  const load = () => import('otplib');
  return {
    async newSecret() {
      return (await load()).generateSecret();
    },
    async urlOf(secret, email) {
      return (await load()).generateURI({ issuer: ISSUER, label: email, secret });
    },
    async stepOf(secret, code, afterStep) {
      if (!/^\d{6}$/.test(code)) return undefined;
      const checked = await (
        await load()
      ).verify({
        secret,
        token: code,
        epoch: Math.floor(deps.clock().getTime() / 1_000),
        epochTolerance: TOLERANCE_S,
        ...defined({ afterTimeStep: afterStep }),
      });
      return checked.valid && 'timeStep' in checked ? checked.timeStep : undefined;
    },
  };
}

const CODES = 10;
const BYTES_A_CODE = 10;

/** To be kept on paper: each stands in once for the app, e.g. `3f9a2-…`, of 80 random bits. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () =>
    (randomBytes(BYTES_A_CODE).toString('hex').match(/.{5}/g) ?? []).join('-'),
  );
}

/** As it was handed out, however it is typed. */
export function recoveryCode(typed: string): string | undefined {
  const digits = typed.toLowerCase().replaceAll(/[\s-]/g, '');
  return /^[\da-f]{20}$/.test(digits) ? (digits.match(/.{5}/g) ?? []).join('-') : undefined;
}
