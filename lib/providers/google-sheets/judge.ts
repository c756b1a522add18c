import type { z } from 'zod';
import type { HttpReply } from '../http.ts';
import { parseJson } from '../../core/lossless-json.ts';
import { maskText } from '../mask.ts';
import { because, type ProviderOutcome, type Verdict } from '../outcome.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { ServiceAccount } from './account.ts';
import { classOfGoogleError, readGoogleError, sheetsErrors } from './errors.ts';

/** What a remedy may name. */
export interface ErrorTarget {
  readonly account: ServiceAccount;
  readonly spreadsheetId: string;
  readonly sheetName?: string;
}

/** What an answer means. `unanswered`: what it means that this call may have been carried out. */
export function judge<T>(
  reply: HttpReply,
  answerSchema: z.ZodType<T>,
  target: ErrorTarget,
  unanswered: Verdict,
): ProviderOutcome<T> {
  const body = bodyOf(reply);
  if (reply.status >= 200 && reply.status < 300) {
    const answer = answerSchema.safeParse(body);
    if (answer.success) return { kind: 'ok', value: answer.data };
    const message = 'The answer says success, but not in the form that is documented.';
    return because(unanswered, { code: 'unreadable_answer', message });
  }
  const error = readGoogleError(reply.status, body);
  const found = sheetsErrors.classes[classOfGoogleError(error)];
  const verdict = found === 'unanswered' ? unanswered : fillRemedy(found, target);
  const reason = { code: error.code, message: maskText(error.message) };
  return because(verdict, reason, retryAfterMs(reply.header('retry-after')));
}

function fillRemedy(verdict: Verdict, target: ErrorTarget): Verdict {
  if (verdict.kind === 'retry' && verdict.giveUp !== null) {
    const { afterAttempts, hold } = verdict.giveUp;
    const remedy = fill(hold.remedy, target);
    return { ...verdict, giveUp: { afterAttempts, hold: { ...hold, remedy } } };
  }
  return verdict.kind === 'hold' ? { ...verdict, remedy: fill(verdict.remedy, target) } : verdict;
}

function fill(remedy: string, target: ErrorTarget): string {
  return remedy
    .replaceAll('{email}', () => target.account.email)
    .replaceAll('{spreadsheetId}', () => target.spreadsheetId)
    .replaceAll('{sheetName}', () => `"${target.sheetName ?? ''}"`);
}

function bodyOf(reply: HttpReply): unknown {
  try {
    return parseJson(reply.text);
  } catch {
    return undefined;
  }
}
