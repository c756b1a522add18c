import type { Operation } from '../step.ts';
import type { PlatformApi } from './api.ts';
import { idKey, type Ids } from './ids.ts';
import { done, gone, inClient, type Outcome } from './outcome.ts';

type MemberOperation = Extract<
  Operation,
  { op: 'member.create' | 'member.update' | 'member.remove' }
>;

export async function performMember(
  { users }: PlatformApi,
  ids: Ids,
  operation: MemberOperation,
  { idOf, acceptUnproven }: { idOf: (key: string) => string; acceptUnproven: boolean },
): Promise<Outcome> {
  const { clientId, email } = operation;
  const memberKey = (of: string): string => idKey('member', clientId, of);
  const place = (manager: string | null): { reports_to_user_client_id: string | null } => ({
    reports_to_user_client_id: manager === null ? null : idOf(memberKey(manager)),
  });
  if (operation.op === 'member.create') {
    const body = {
      email,
      role: operation.role,
      ...place(operation.reportsTo),
      ...(acceptUnproven ? { accept_unproven: true } : {}),
    };
    const answer = await users.call('createMember', { params: inClient(operation), body });
    if (!answer.ok) return answer;
    ids.set(memberKey(email), answer.body.id);
    const { invitation } = answer.body;
    if (invitation === undefined) return { ok: true };
    return { ok: true, oneTime: { kind: 'invitation', invitation } };
  }
  const params = { ...inClient(operation), user_client_id: idOf(memberKey(email)) };
  if (operation.op === 'member.remove') return gone(await users.call('removeMember', { params }));
  const { role, reportsTo } = operation;
  const body = {
    ...(role === undefined ? {} : { role }),
    ...(reportsTo === undefined ? {} : place(reportsTo)),
  };
  return done(await users.call('updateMember', { params, body }));
}
