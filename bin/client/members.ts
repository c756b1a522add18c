import { userContract } from '../../daemons/user/contract.ts';
import type { Member } from '../../lib/hierarchy/member.ts';
import { bodyOf } from '../cli/api-error.ts';
import { listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';
import type { ClientGateway } from './scope.ts';

/** A member of the client by id or by e-mail; a `CliError` (exit 5) when there is none. */
export async function findMember(gateway: ClientGateway, text: string): Promise<Member> {
  const users = gateway.of(userContract);
  const client_id = gateway.clientId;
  const id = asId(text);
  if (id !== undefined) {
    const params = { client_id, user_client_id: id };
    return bodyOf(await users.call('getMember', { params }));
  }
  const email = text.trim().toLowerCase();
  const found: Member[] = [];
  const ask = (page: { limit: number; cursor: string | undefined }) =>
    users.call('listMembers', { params: { client_id }, query: { ...page, q: email } });
  for await (const member of listAll(ask)) if (member.email === email) found.push(member);
  return pickOne(found, { text, what: 'member', list: `leadctl member ls --client ${client_id}` });
}
