import { internalPath, type ServiceName } from '../contract/route.ts';
import type { Transport } from '../contract/client.ts';
import { IDENTITY_HEADER, type IdentitySeal } from '../identity/seal.ts';

const CALL_TIMEOUT_MS = 10_000;

/** Reaches another daemon directly, under this daemon's own identity. */
export function serviceTransport(deps: {
  seal: IdentitySeal;
  from: ServiceName;
  to: ServiceName;
  /** e.g. `http://127.0.0.1:8008`, without a path. */
  baseUrl: string;
}): Transport {
  return ({ method, path, headers, body, signal }) => {
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
    return fetch(deps.baseUrl + internalPath(deps.to, path), {
      method,
      headers: {
        ...headers,
        [IDENTITY_HEADER]: deps.seal.seal({ kind: 'service', service: deps.from }, deps.to),
      },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body }),
    });
  };
}
