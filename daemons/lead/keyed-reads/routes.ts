import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import { callHeader, type Call, type StagedHandler } from '../../../lib/contract/handler.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { KeyGate } from '../api-keys/gate.ts';
import type { LeadContract } from '../contract.ts';
import type { KeyedReads } from './service.ts';

type Routes = LeadContract['routes'];

export interface KeyedReadRouteDeps {
  readonly readGate: KeyGate;
  readonly keyedReads: KeyedReads;
}

export function keyedReadRoutes({ readGate, keyedReads }: KeyedReadRouteDeps): {
  listLeadsByKey: StagedHandler<Routes['listLeadsByKey']>;
  getLeadByKey: StagedHandler<Routes['getLeadByKey']>;
} {
  /** Whose leads the key shows. */
  const clientOf = async (call: Call): Promise<ClientId | Failure> => {
    const apiKey = callHeader(call, 'x-api-key');
    const origin = callHeader(call, 'origin');
    const { key, refusal } = await readGate.judge({ apiKey, origin, call }, 1);
    return refusal ?? key.clientId;
  };
  return {
    listLeadsByKey: {
      async before({ call }) {
        const clientId = await clientOf(call);
        if (isFailure(clientId)) return clientId;
        return {
          handle: ({ query }) => keyedReads.list(clientId, query),
        };
      },
    },
    getLeadByKey: {
      async before({ call, params }) {
        const clientId = await clientOf(call);
        if (isFailure(clientId)) return clientId;
        return {
          handle: () => keyedReads.get(clientId, params.lead_id),
        };
      },
    },
  };
}
