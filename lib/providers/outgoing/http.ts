import { createHttp, type Http } from '../http.ts';
import { refuseUrl } from './address.ts';
import { createOutgoingAgent, type ResolveAll } from './agent.ts';
import type { AllowList } from './allow-list.ts';

export interface OutgoingOptions {
  readonly timeoutMs: number;
  readonly allow: AllowList;
  readonly resolve?: ResolveAll;
}

const MOST_ANSWER_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 3_000;
const CONNECTIONS_TO_ONE_ORIGIN = 16;

/**
 * HTTP to addresses that clients chose: public ones only, nothing followed, little read. What may not
 * be called fails with `address_refused` before anything is sent.
 */
export function createOutgoingHttp(options: OutgoingOptions): Http {
  const dispatcher = createOutgoingAgent({
    ...options,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    connections: CONNECTIONS_TO_ONE_ORIGIN,
  });
  const { timeoutMs } = options;
  const http = createHttp({ timeoutMs, maxAnswerBytes: MOST_ANSWER_BYTES, dispatcher });
  return {
    async send(request) {
      const message = refuseUrl(request.url, options.allow);
      if (message === undefined) return await http.send(request);
      return { kind: 'failure', code: 'address_refused', message, sent: false };
    },
    async close() {
      await http.close();
      await dispatcher.close();
    },
  };
}
