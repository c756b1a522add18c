import { clientIdSchema } from '../../../lib/core/ids.ts';
import type { Invitation } from '../../../daemons/user/contract.ts';
import type { Problem } from '../../../lib/core/problem.ts';
import type { Ids } from './ids.ts';

/** What can be shown once only. */
export type OneTime =
  | { readonly kind: 'api_key'; readonly key: string }
  | { readonly kind: 'invitation'; readonly invitation: Invitation };

export type Outcome =
  | { readonly ok: true; readonly oneTime?: OneTime }
  | { readonly ok: false; readonly problem: Problem };

type Answer = { readonly ok: true } | { readonly ok: false; readonly problem: Problem };
type AnswerWithId =
  | { readonly ok: true; readonly body: { readonly id: string } }
  | { readonly ok: false; readonly problem: Problem };

export function inClient({ clientId }: { readonly clientId: string }) {
  return { client_id: clientIdSchema.parse(clientId) };
}

export function done(answer: Answer): Outcome {
  return answer.ok ? { ok: true } : answer;
}

/** What is not there any more is removed, whoever did it. */
export function gone(answer: Answer): Outcome {
  return answer.ok || answer.problem.status === 404 ? { ok: true } : answer;
}

/** Remembers the id of what was made. */
export function made(answer: AnswerWithId, ids: Ids, key: string): Outcome {
  if (!answer.ok) return answer;
  ids.set(key, answer.body.id);
  return { ok: true };
}
