import { parseGrantPattern } from '../../../lib/access/grant-pattern.ts';
import { fail, type Failure, type FieldError } from '../../../lib/core/errors.ts';
import type { PermissionRow } from '../catalogue/store.ts';
import type { Selection } from '../contract.ts';

/**
 * The permissions that ids and patterns name, each once. What names nothing is an error and not an
 * empty grant: a misspelt pattern would otherwise look granted.
 */
export function selectPermissions(
  selection: Selection,
  live: readonly PermissionRow[],
): PermissionRow[] | Failure {
  const chosen = new Map<string, PermissionRow>();
  const errors: FieldError[] = [];
  const byId = new Map(live.map((row) => [row.id, row]));
  for (const [index, id] of (selection.permission_ids ?? []).entries()) {
    const row = byId.get(id);
    if (row) chosen.set(id, row);
    else errors.push(at(`permission_ids.${index}`, `there is no permission ${id}`));
  }
  for (const [index, text] of (selection.grants ?? []).entries()) {
    const matched = matchGrant(text, live);
    if (typeof matched === 'string') errors.push(at(`grants.${index}`, matched));
    else for (const row of matched) chosen.set(row.id, row);
  }
  const [first] = errors;
  if (first === undefined) return [...chosen.values()];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail = `${first.path}: ${first.message}${more}. GET /api/permissions lists what there is.`;
  return fail('validation_failed', detail, { errors: errors.slice(0, MOST_ERRORS) });
}

const MOST_ERRORS = 50;

const at = (field: string, message: string): FieldError => ({ path: `body.${field}`, message });

/** What the pattern matches, or what is wrong with it. */
function matchGrant(text: string, live: readonly PermissionRow[]): PermissionRow[] | string {
  const pattern = parseGrantPattern(text);
  if (pattern === undefined) return `"${text}" is not METHOD /path, or * /path/**`;
  const matched = live.filter((row) => pattern.matches(row));
  return matched.length > 0 ? matched : `"${text}" matches no permission`;
}
