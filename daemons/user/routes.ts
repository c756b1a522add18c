import { by } from '../../lib/audit/audit.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { UserContract } from './contract.ts';
import type { MemberService } from './members/service.ts';
import type { UserService } from './service.ts';

export interface UserRouteDeps {
  readonly users: UserService;
  readonly members: MemberService;
}

export function userRoutes({ users, members }: UserRouteDeps): Handlers<UserContract> {
  return {
    async listUsers({ query }) {
      const page = await users.list(query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async createUser({ body, actor, call }) {
      const user = await users.create(by(actor, call), body);
      return isFailure(user) ? user : { status: 201, body: user };
    },

    async getUser({ params }) {
      const user = await users.get(params.user_id);
      return isFailure(user) ? user : { status: 200, body: user };
    },

    async updateUser({ params, body, actor, call }) {
      const user = await users.update(by(actor, call), params.user_id, body);
      return isFailure(user) ? user : { status: 200, body: user };
    },

    async inviteUser({ params, actor, call }) {
      const invitation = await users.invite(by(actor, call), params.user_id);
      return isFailure(invitation) ? invitation : { status: 201, body: invitation };
    },

    async listMembers({ params, query, actor, call }) {
      const page = await members.list(by(actor, call), params.client_id, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async createMember({ params, body, actor, call }) {
      const member = await members.create(by(actor, call), params.client_id, body);
      return isFailure(member) ? member : { status: 201, body: member };
    },

    async getMember({ params, actor, call }) {
      const { client_id, user_client_id } = params;
      const member = await members.get(by(actor, call), client_id, user_client_id);
      return isFailure(member) ? member : { status: 200, body: member };
    },

    async updateMember({ params, body, actor, call }) {
      const { client_id, user_client_id } = params;
      const member = await members.update(by(actor, call), client_id, user_client_id, body);
      return isFailure(member) ? member : { status: 200, body: member };
    },

    async inviteMember({ params, actor, call }) {
      const { client_id, user_client_id } = params;
      const made = await members.invite(by(actor, call), client_id, user_client_id);
      return isFailure(made) ? made : { status: 201, body: made };
    },

    async removeMember({ params, actor, call }) {
      const { client_id, user_client_id } = params;
      const failure = await members.remove(by(actor, call), client_id, user_client_id);
      return failure ?? { status: 204 };
    },
  };
}
