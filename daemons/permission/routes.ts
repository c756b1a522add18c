import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import type { PermissionCatalogue } from './catalogue/service.ts';
import type { AccessChecker } from './check/service.ts';
import type { PermissionContract } from './contract.ts';
import type { GrantService } from './grants/service.ts';
import type { RoleService } from './roles/service.ts';
import type { MachineTokenService } from './tokens/service.ts';

export interface PermissionRouteDeps {
  readonly roles: RoleService;
  readonly grants: GrantService;
  readonly catalogue: PermissionCatalogue;
  readonly checker: AccessChecker;
  readonly tokens: MachineTokenService;
}

export function permissionRoutes(deps: PermissionRouteDeps): Handlers<PermissionContract> {
  const { roles, grants, catalogue, checker, tokens } = deps;
  return {
    async createRole({ body, actor, call }) {
      const role = await roles.create(by(actor, call), body);
      return isFailure(role) ? role : { status: 201, body: role };
    },

    async listRoles({ query }) {
      const page = await roles.list(query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async getRole({ params }) {
      const role = await roles.get(params.role_id);
      return isFailure(role) ? role : { status: 200, body: role };
    },

    async updateRole({ params, body, actor, call }) {
      const role = await roles.update(by(actor, call), params.role_id, body);
      return isFailure(role) ? role : { status: 200, body: role };
    },

    async deleteRole({ params, actor, call }) {
      const failure = await roles.remove(by(actor, call), params.role_id);
      return failure ?? { status: 204 };
    },

    async listPermissions() {
      return { status: 200, body: await catalogue.list() };
    },

    async getRolePermissions({ params }) {
      const held = await grants.get(params.role_id);
      return isFailure(held) ? held : { status: 200, body: held };
    },

    async setRolePermissions({ params, body, actor, call }) {
      const held = await grants.set(by(actor, call), params.role_id, body);
      return isFailure(held) ? held : { status: 200, body: held };
    },

    async addRolePermissions({ params, body, actor, call }) {
      const held = await grants.add(by(actor, call), params.role_id, body);
      return isFailure(held) ? held : { status: 200, body: held };
    },

    async removeRolePermission({ params, actor, call }) {
      const { role_id, permission_id } = params;
      const failure = await grants.remove(by(actor, call), role_id, permission_id);
      return failure ?? { status: 204 };
    },

    async checkAccess({ body, actor }) {
      const verdict = await checker.check(actor, body);
      return isFailure(verdict) ? verdict : { status: 200, body: verdict };
    },

    async createToken({ body, actor, call }) {
      const token = await tokens.create(by(actor, call), body);
      return isFailure(token) ? token : { status: 201, body: token, headers: NOT_STORED };
    },

    async listTokens({ query, actor }) {
      const page = await tokens.list(actor, query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async getToken({ params, actor }) {
      const token = await tokens.get(actor, params.token_id);
      return isFailure(token) ? token : { status: 200, body: token };
    },

    async revokeToken({ params, actor, call }) {
      const failure = await tokens.revoke(by(actor, call), params.token_id);
      return failure ?? { status: 204 };
    },

    async registerPermissions({ params, body, actor, call }) {
      const counts = await catalogue.register(by(actor, call), params.service, body.permissions);
      return isFailure(counts) ? counts : { status: 200, body: counts };
    },
  };
}

const NOT_STORED = { 'Cache-Control': 'no-store' };
