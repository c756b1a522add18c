import { type User, userContract } from '../../daemons/user/contract.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { Gateway } from './gateway.ts';
import { listAll } from './paging.ts';
import { asId, pickOne } from './pick.ts';

/** A user by id or by e-mail; a `CliError` (exit 5) when there is none. */
export async function findUser(gateway: Gateway, text: string): Promise<User> {
  const users = gateway.of(userContract);
  const id = asId(text);
  if (id !== undefined) return bodyOf(await users.call('getUser', { params: { user_id: id } }));
  const email = text.trim().toLowerCase();
  const found: User[] = [];
  const ask = (page: { limit: number; cursor: string | undefined }) =>
    users.call('listUsers', { query: { ...page, q: email } });
  for await (const user of listAll(ask)) if (user.email === email) found.push(user);
  return pickOne(found, { text, what: 'user', list: 'leadctl user ls' });
}
