import type { CallResult } from '../../../lib/contract/client.ts';
import type { Route } from '../../../lib/contract/route.ts';
import type { Tokens } from '../contract.ts';
import type { TestAuth } from './start.ts';

/** The tokens of a login that has to succeed. */
export async function signIn(
  { daemon }: TestAuth,
  email: string,
  password: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Tokens> {
  const result = await daemon.client().call('login', { body: { email, password }, headers });
  if (!result.ok) throw new Error(`login: ${result.problem.detail}`);
  return result.body;
}

/** `200`, or the code of the problem: what most tests want to know of an answer. */
export function answerOf<R extends Route>(result: CallResult<R>): number | string {
  return result.ok ? result.status : result.problem.code;
}
