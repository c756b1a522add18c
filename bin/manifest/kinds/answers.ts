import type { Problem } from '../../../lib/core/problem.ts';
import type { Outcome } from '../thing.ts';

type Answer = { readonly ok: true } | { readonly ok: false; readonly problem: Problem };
type AnswerWithId =
  | { readonly ok: true; readonly body: { readonly id: string } }
  | { readonly ok: false; readonly problem: Problem };

export async function done(answer: Promise<Answer>): Promise<Outcome> {
  const given = await answer;
  return given.ok ? { ok: true } : given;
}

export async function made(answer: Promise<AnswerWithId>): Promise<Outcome> {
  const given = await answer;
  return given.ok ? { ok: true, id: given.body.id } : given;
}

/** What is not there any more is removed, whoever did it. */
export async function gone(answer: Promise<Answer>): Promise<Outcome> {
  const given = await answer;
  return given.ok || given.problem.status === 404 ? { ok: true } : given;
}

/** Those of the values whose names are among `names`. */
export function pick<T extends object>(values: T, names: ReadonlySet<string>): Partial<T> {
  const picked: Partial<T> = {};
  for (const name in values) if (names.has(name)) picked[name] = values[name];
  return picked;
}
