import * as z from 'zod';
import { userContract, type Invitation } from '../../../daemons/user/contract.ts';
import { listEvery } from '../../client/paging.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { State } from '../thing.ts';
import { ref, type Found, type Outcome, type RunContext, type Wanted } from '../thing.ts';
import { done, gone } from './answers.ts';
import { clientPart, type Kind } from './kind.ts';

const { shape } = userContract.routes.createMember.body.schema;
const email = shape.email.unwrap();
const item = z.strictObject({
  email,
  role: shape.role.unwrap().describe('Name of a role'),
  reports_to: email.nullish().describe('E-mail of another member; nobody when not given'),
});

const member: Kind<ClientId> = {
  name: 'member',
  async read({ api: { users }, clientId }) {
    const params = { client_id: clientId };
    const all = await listEvery((query) => users.call('listMembers', { params, query }));
    const emails = new Map(all.map(({ id, email }) => [id, email]));
    return all.map(({ id, email, role: { name: role }, reports_to_user_client_id: manager }) => {
      const reports_to = manager === null ? null : (emails.get(manager) ?? null);
      return {
        ...ref('member', clientId, email),
        id,
        fields: { role, reports_to },
        needs: [
          ref('role', null, role),
          ...(reports_to === null ? [] : [ref('member', clientId, reports_to)]),
        ],
        entry: { email, role, ...(reports_to === null ? {} : { reports_to }) },
        remove: () =>
          gone(users.call('removeMember', { params: { ...params, user_client_id: id } })),
      };
    });
  },
};

function memberThing(
  { email, role, reports_to: manager = null }: z.output<typeof item>,
  clientId: ClientId,
): Wanted {
  const self = ref('member', clientId, email);
  const above = manager === null ? undefined : ref('member', clientId, manager);
  const place = ({ idOf }: RunContext) => ({
    reports_to_user_client_id: above === undefined ? null : idOf(above),
  });
  return {
    ...self,
    fields: { role, reports_to: manager },
    needs: [
      { ...ref('role', null, role), field: 'role' },
      ...(above === undefined ? [] : [{ ...above, field: 'reports_to' }]),
    ],
    make: async (context) => {
      const vouched = context.acceptUnproven ? { accept_unproven: true } : {};
      const body = { email, role, ...place(context), ...vouched };
      const params = { client_id: clientId };
      const answer = await context.api.users.call('createMember', { params, body });
      return answer.ok ? madeMember(answer.body) : answer;
    },
    change: (context, changed) => {
      const params = { client_id: clientId, user_client_id: context.idOf(self) };
      const body = {
        ...(changed.has('role') ? { role } : {}),
        ...(changed.has('reports_to') ? place(context) : {}),
      };
      return done(context.api.users.call('updateMember', { params, body }));
    },
  };
}

function madeMember({
  id,
  invitation,
}: {
  readonly id: string;
  readonly invitation?: Invitation | undefined;
}): Outcome {
  if (invitation === undefined) return { ok: true, id };
  return { ok: true, id, oneTime: { kind: 'invitation', invitation } };
}

/** `members` of a client; whoever reports to nobody stands at the top. */
export const members = clientPart({
  field: 'members',
  item,
  kinds: [member],
  things: (spec, { clientId }) => [memberThing(spec, clientId)],
  compose: composeTree,
});

/** From the top of the tree downwards, as one would write them. */
function composeTree(state: State, clientId: ClientId): unknown[] {
  const reports = Map.groupBy(state.all('member', clientId), ({ fields }) => fields['reports_to']);
  const below = (manager: unknown): Found[] =>
    (reports.get(manager) ?? [])
      .toSorted((a, b) => (a.identity < b.identity ? -1 : 1))
      .flatMap((one) => [one, ...below(one.identity)]);
  return below(null).map(({ entry }) => entry);
}
