import { defined } from '../../../lib/core/defined.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { LeadChange } from '../contract.ts';
import type { LeadRow } from '../rows.ts';
import { NEEDS_CONTACT, normaliseEmail, normalisePhone } from './contact.ts';
import { maskForRecord } from './mask.ts';

const FIELDS = [
  'status',
  'assigned_to_user_client_id',
  'name',
  'email',
  'phone',
  'product_id',
] as const;
type Field = (typeof FIELDS)[number];

/** The columns that a change may touch, as they are to be. */
export type LeadPatch = Partial<Pick<LeadRow, Field | 'phone_valid'>>;

/** A change in the forms in which it is kept. */
export interface PlannedChange {
  /** Without what is as it was; empty when nothing is to be done. */
  readonly patch: LeadPatch;
  /** Before and after, by field: for the lead's own history, which erasing it empties. */
  readonly history: Readonly<Record<string, readonly [unknown, unknown]>>;
  /** The same with contacts masked: for the audit log, which outlives the lead. */
  readonly masked: Readonly<Record<string, readonly [unknown, unknown]>>;
}

/** What a change asks of a lead as it stands, by the rules under which ingestion keeps one. */
export function planChange(
  before: LeadRow,
  change: LeadChange,
  context: { defaultCountry: string | null },
): PlannedChange | Failure {
  const wanted = normalised(change, context.defaultCountry);
  const touchesContact = ['name', 'email', 'phone'].some((field) => field in wanted);
  const after = { ...changeable(before), ...wanted };
  if (touchesContact && (after.name ?? after.email ?? after.phone) === null) {
    return fail('validation_failed', 'This would leave no way to reach the person.', {
      errors: [{ path: 'body', message: NEEDS_CONTACT }],
    });
  }
  const changed = FIELDS.filter((field) => after[field] !== before[field]);
  const isRevalued = after.phone_valid !== before.phone_valid;
  return {
    patch: {
      ...Object.fromEntries(changed.map((field) => [field, after[field]])),
      ...(isRevalued ? { phone_valid: after.phone_valid } : {}),
    },
    history: pairs(changed, (field) => [before[field], after[field]]),
    masked: pairs(changed, (field) => [
      recorded(field, before[field]),
      recorded(field, after[field]),
    ]),
  };
}

/** What of a row a change may touch. */
function changeable({
  status,
  assigned_to_user_client_id,
  name,
  email,
  phone,
  phone_valid,
  product_id,
}: LeadRow): Required<LeadPatch> {
  return { status, assigned_to_user_client_id, name, email, phone, phone_valid, product_id };
}

function normalised(change: LeadChange, defaultCountry: string | null): LeadPatch {
  const { email, phone, ...rest } = change;
  const patch: LeadPatch = defined(rest);
  if (email !== undefined) patch.email = email === null ? null : normaliseEmail(email);
  if (phone !== undefined) {
    const { value, isValid } = normalisePhone(phone, defaultCountry);
    patch.phone = value;
    patch.phone_valid = isValid;
  }
  return patch;
}

/** An assignment is told as `assigned_to`. */
function pairs(
  fields: readonly Field[],
  valuesOf: (field: Field) => readonly [unknown, unknown],
): Record<string, readonly [unknown, unknown]> {
  return Object.fromEntries(
    fields.map((field) => [
      field === 'assigned_to_user_client_id' ? 'assigned_to' : field,
      valuesOf(field),
    ]),
  );
}

function recorded(field: Field, value: string | null): string | null {
  if (value === null) return null;
  return field === 'name' || field === 'email' || field === 'phone'
    ? maskForRecord(field, value)
    : value;
}
