import type { MetaLead } from '../meta/leads.ts';
import { verifyCallback } from '../meta/handshake.ts';
import { GENEROUS } from '../meta/tokens.ts';
import { leadgenBody, webhookText } from '../meta/webhook-bodies.ts';
import type { NewLead } from '../schemas.ts';
import type { ControlDeps, ControlHandlers } from './deps.ts';

type MetaHandlers = Pick<
  ControlHandlers,
  'createLead' | 'removeLead' | 'describeToken' | 'configureMeta' | 'handshake'
>;

export function metaHandlers(deps: ControlDeps): MetaHandlers {
  const { state } = deps;
  return {
    createLead: ({ body }) => {
      const lead = state.leads.add(body);
      state.changed();
      if (body.notify) notify(lead, body, deps);
      return { leadgen_id: lead.id };
    },
    removeLead: ({ params }) => {
      state.leads.remove(params.leadgen_id);
    },
    describeToken: ({ body }) => {
      state.tokens.set(body.access_token, {
        is_valid: body.is_valid,
        type: body.type ?? GENEROUS.type,
        scopes: body.scopes ?? GENEROUS.scopes,
        expires_at: body.expires_at,
      });
      return { ok: true };
    },
    configureMeta: ({ body }) => {
      state.tokens.setProofRequired(body.require_proof);
      return { ok: true };
    },
    handshake: async () => {
      const reason = await verifyCallback(deps.webhookUrl(), deps.verifyToken);
      return { ok: reason === undefined, reason: reason ?? null };
    },
  };
}

function notify(lead: MetaLead, request: NewLead, { state, clock, random }: ControlDeps): void {
  const settings = state.behaviour.current().leads;
  const nowS = Math.floor(clock().getTime() / 1000);
  const text = webhookText(leadgenBody(lead, nowS), request.numeric_ids);
  for (let copy = 0; copy < request.copies * settings.copies; copy += 1) {
    if (random() < settings.drop_rate) continue;
    state.sender.send({ object: 'page', text, delayMs: settings.delay_ms });
  }
}
