import type { ServiceName } from '../contract/route.ts';
import { deriveKey } from '../secrets/derive.ts';

/** The one service that others call by themselves: each registers its permissions there. */
export const CALLED_BY_SERVICES = 'permission' satisfies ServiceName;

/**
 * The keys that a service's process holds. Every service verifies with a key of its own, so that who
 * holds it can vouch towards that service alone, where it is at home anyway.
 */
export interface IdentityKeys {
  readonly service: ServiceName;
  /** Verifies what is meant for this service. */
  readonly own: string;
  /** Signs what this service sends there. Throws where it has nothing to send. */
  towards(audience: ServiceName): string;
}

/** The keys of a service whose process knows INTERNAL_SECRET: the gateway's, and all of one process. */
export function keysFromSecret(secret: string, service: ServiceName): IdentityKeys {
  return {
    service,
    own: audienceKey(secret, service),
    towards(audience) {
      const key = audienceKey(secret, audience);
      return service === 'gateway' ? key : callerKey(key, service);
    },
  };
}

/** The keys of a daemon that was given its INTERNAL_KEY alone. */
export function keysFromText(internalKey: string, service: ServiceName): IdentityKeys {
  const [own = '', towardsPermission = ''] = internalKey.split('.');
  return {
    service,
    own,
    towards(audience) {
      if (audience === CALLED_BY_SERVICES) return towardsPermission;
      throw new Error(`${service} has no key with which to call ${audience}`);
    },
  };
}

/** The INTERNAL_KEY of one daemon: verifies what it is sent, signs what it registers. */
export function internalKeyOf(secret: string, service: ServiceName): string {
  const keys = keysFromSecret(secret, service);
  return `${keys.own}.${keys.towards(CALLED_BY_SERVICES)}`;
}

/**
 * The key of one caller towards an audience, which the audience derives from its own. What is signed
 * with it can only say that this caller calls; the audience's own key, the gateway's, may say all.
 */
export function callerKey(keyOfAudience: string, caller: ServiceName): string {
  return deriveKey(keyOfAudience, `leadctl caller ${caller}`);
}

function audienceKey(secret: string, audience: ServiceName): string {
  return deriveKey(secret, `leadctl identity ${audience}`);
}
