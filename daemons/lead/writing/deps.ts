import type { Clock } from '../../../lib/core/clock.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { mayAssignTo } from '../policy.ts';

/** What writing a lead by hand needs. */
export interface WritingDeps {
  readonly clock: Clock;
  readonly isProductEnabled: (clientId: string, productId: string) => Promise<boolean>;
  readonly defaultCountryOf: (unit: ClientUnit) => Promise<string | null>;
}

export async function refuseAssignee(
  unit: ClientUnit,
  actor: UserIdentity,
  assignee: string | null | undefined,
): Promise<Failure | undefined> {
  if (assignee == null || (await mayAssignTo(unit, actor, assignee))) return undefined;
  return fail('validation_failed', 'A lead can be assigned to yourself or to somebody below you.', {
    errors: [
      {
        path: 'body.assigned_to_user_client_id',
        message: 'not a member in your part of the hierarchy',
      },
    ],
  });
}

export function productNotOffered(): Failure {
  return fail('validation_failed', 'The product is not enabled for this client.', {
    errors: [{ path: 'body.product_id', message: 'not enabled for this client' }],
  });
}

export function noSuchLead(id: string): Failure {
  return fail('not_found', `There is no lead ${id} in your part of this client.`);
}
