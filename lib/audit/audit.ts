import type { Call } from '../contract/handler.ts';
import { newId } from '../core/ids.ts';
import type { Unit } from '../db/scope.ts';
import { callerId, type Identity } from '../identity/identity.ts';

/** Who did it and from where; services pass it on from the route that was called. */
export interface Actor {
  readonly identity: Identity;
  readonly call: Pick<Call, 'requestId' | 'ip'>;
}

/** The actor that a route hands on: its caller, as narrowly as the route's access has proven. */
export function by<I extends Identity>(identity: I, call: Actor['call']): Actor & { identity: I } {
  return { identity, call };
}

export interface AuditEntry {
  /** Present tense and dotted, e.g. `client.suspend`. */
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  /** What changed; never a secret, never a whole e-mail or phone. */
  readonly detail?: Record<string, unknown>;
}

/** Appends to the audit log in the transaction of the change itself: the one is not without the other. */
export async function audit(unit: Unit, actor: Actor, entry: AuditEntry): Promise<void> {
  const clientId = unit.scope.kind === 'client' ? unit.scope.clientId : null;
  const { identity, call } = actor;
  await unit.trx('audit_log').insert({
    id: newId(),
    client_id: clientId,
    actor_kind: identity.kind === 'anonymous' ? 'operator' : identity.kind,
    actor_id: actorId(identity),
    action: entry.action,
    target_kind: entry.targetKind,
    target_id: entry.targetId,
    request_id: call.requestId,
    ip: call.ip,
    detail: JSON.stringify(entry.detail ?? {}),
  });
}

function actorId(identity: Identity): string | null {
  switch (identity.kind) {
    case 'user':
    case 'token':
      return callerId(identity);
    case 'service':
      return identity.service;
    case 'anonymous':
      return null;
  }
}
