import type { Fault } from '../faults/faults.ts';
import type { ControlDeps, ControlHandlers } from './deps.ts';

type FaultHandlers = Pick<
  ControlHandlers,
  'listRequests' | 'listFaults' | 'addFault' | 'clearFaults' | 'setQuotas' | 'reset'
>;

export function faultHandlers({ state }: ControlDeps): FaultHandlers {
  return {
    listRequests: ({ query }) => {
      const data = state.requests
        .all()
        .filter(
          ({ provider, operation }) =>
            (query.provider ?? provider) === provider &&
            (query.operation ?? operation) === operation,
        )
        .map((request) => ({
          ...request,
          subject: request.subject ?? null,
          auth: request.auth ?? null,
          fault: request.fault ?? null,
        }));
      return { data };
    },
    listFaults: () => ({ data: state.faults.all().map(present) }),
    addFault: ({ body }) => present(state.faults.add(body)),
    clearFaults: () => {
      state.faults.clear();
      return { ok: true };
    },
    setQuotas: ({ body }) => {
      if (body.sheets_writes_per_minute !== undefined) {
        state.writeQuota.setLimit(body.sheets_writes_per_minute ?? undefined);
      }
      state.whatsappLimits.set({
        pair: body.whatsapp_pair,
        messagesPerSecond: body.whatsapp_messages_per_second,
      });
      const { pair, messagesPerSecond } = state.whatsappLimits.current();
      return {
        sheets_writes_per_minute: state.writeQuota.limit() ?? null,
        whatsapp_pair: pair,
        whatsapp_messages_per_second: messagesPerSecond ?? null,
      };
    },
    reset: async () => {
      await state.reset();
      return { ok: true };
    },
  };
}

function present({ id, hits, spec }: Fault) {
  return { id, hits, ...spec, headers: spec.headers && { ...spec.headers } };
}
