import { by } from '../../lib/audit/audit.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import type { UserContract } from './contract.ts';
import type { MemberService } from './members/service.ts';
import type { UserService } from './service.ts';

export interface UserRouteDeps {
  readonly users: UserService;
  readonly members: MemberService;
}

export function userRoutes({ users, members }: UserRouteDeps): Handlers<UserContract> {
  return {
    listUsers: ({ query }) => users.list(query),

    createUser: ({ body, actor, call }) => users.create(by(actor, call), body),

    getUser: ({ params }) => users.get(params.user_id),

    updateUser: ({ params, body, actor, call }) =>
      users.update(by(actor, call), params.user_id, body),

    inviteUser: ({ params, actor, call }) => users.invite(by(actor, call), params.user_id),

    listMembers: ({ params, query, actor, call }) =>
      members.list(by(actor, call), params.client_id, query),

    createMember: ({ params, body, actor, call }) =>
      members.create(by(actor, call), params.client_id, body),

    async getMember({ params, actor, call }) {
      const { client_id, user_client_id } = params;
      return members.get(by(actor, call), client_id, user_client_id);
    },

    async updateMember({ params, body, actor, call }) {
      const { client_id, user_client_id } = params;
      return members.update(by(actor, call), client_id, user_client_id, body);
    },

    async inviteMember({ params, actor, call }) {
      const { client_id, user_client_id } = params;
      return members.invite(by(actor, call), client_id, user_client_id);
    },

    async removeMember({ params, actor, call }) {
      const { client_id, user_client_id } = params;
      return members.remove(by(actor, call), client_id, user_client_id);
    },
  };
}
